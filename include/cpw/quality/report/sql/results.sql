-- The newest results of each gate and feed, by month.
select * rename ("table" as table_name, "column" as column_name)  -- noqa: RF06
from read_parquet($files, union_by_name = true, hive_partitioning = false)
where month between $first_month and $month and {{ condition }}
qualify rank() over (partition by month, gate, feed order by run_at desc) = 1
