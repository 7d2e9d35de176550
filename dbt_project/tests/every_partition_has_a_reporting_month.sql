-- a month before the first edition has no window, so nothing could be computed
select partitions.partition_key
from {{ ref('int_partitions') }} as partitions
left join {{ ref('int_reporting_month') }} as reporting_month
    on partitions.partition_key = reporting_month.partition_key
where reporting_month.partition_key is null
