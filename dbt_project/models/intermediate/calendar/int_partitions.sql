with

partitions as (select * from {{ source('reference', 'partitions') }}),

final as (
    select
        partition_key,
        cast(authority as string) as authority,
        cast(month as string) as month,
        cast(source as string) as source,
        cast(publication_version as integer) as publication_version,
        cast(month || '-01' as date) as month_start,
        last_day(cast(month || '-01' as date)) as as_at
    from partitions
)

select * from final
