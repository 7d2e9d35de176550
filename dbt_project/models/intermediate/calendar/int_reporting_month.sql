with

editions as (select * from {{ ref('editions') }}),

this_month as (
    select
        cast('{{ var("partition_key") }}' as string) as partition_key,
        cast('{{ var("month") }}' as string) as month,
        cast('{{ var("source") }}' as string) as source,
        cast({{ var("publication_version") }} as integer) as publication_version,
        {{ as_at() }} as as_at,
        cast('{{ var("month") }}-01' as date) as month_start
),

starts as (
    select
        *,
        {{ add_months('month_start', '-mod(extract(month from month_start) + 8, 12)') }}
            as ytd_start,
        {{ add_months('month_start', '-mod(extract(month from month_start) + 3, 12)') }}
            as ac_ytd_start,
        {{ add_days(add_months('month_start', -2), -1) }} as end_m_3,
        {{ add_days(add_months('month_start', -5), -1) }} as end_m_6,
        {{ add_days(add_months('month_start', -11), -1) }} as end_m_12,
        {{ add_days(add_months('month_start', -17), -1) }} as end_m_18,
        {{ add_days(add_months('month_start', -23), -1) }} as end_m_24,
        {{ add_days(add_months('month_start', -29), -1) }} as end_m_30
    from this_month
),

edition_in_force as (
    select
        starts.*,
        editions.edition,
        editions.frequency,
        editions.window_name,
        editions.rag_minimum,
        case when starts.source = 'ssda903' then 12 else editions.health_minimum_months end
            as health_minimum_months,
        editions.care_leavers_in_touch_only = 'yes' as care_leavers_in_touch_only,
        editions.cic_team_posts_only = 'yes' as cic_team_posts_only,
        row_number() over (order by editions.valid_from desc) as edition_rank
    from starts
    inner join editions on starts.as_at >= editions.valid_from
),

final as (
    select
        partition_key,
        month,
        source,
        publication_version,
        as_at,
        month_start,
        ytd_start,
        ac_ytd_start,
        edition,
        frequency,
        window_name,
        case
            when window_name = 'R12M' then {{ add_days('end_m_12', 1) }}
            else ytd_start
        end as window_start,
        rag_minimum,
        health_minimum_months,
        care_leavers_in_touch_only,
        cic_team_posts_only,
        {{ add_days(add_months('month_start', '1 - health_minimum_months'), -1) }}
            as health_check_start_by,
        substring(cast({{ add_days('ytd_start', -1) }} as varchar(10)), 1, 7) as outturn_month,
        end_m_3,
        end_m_6,
        end_m_12,
        end_m_18,
        end_m_24,
        end_m_30
    from edition_in_force
    where edition_rank = 1
)

select * from final
