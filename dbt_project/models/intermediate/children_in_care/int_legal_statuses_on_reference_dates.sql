with

reference_dates as (select * from {{ ref('int_reference_dates') }}),

legal_statuses as (select * from {{ ref('int_legal_statuses') }}),

in_force as (
    select
        reference_dates.*,
        legal_statuses.legal_status_id,
        legal_statuses.legal_status_group,
        row_number() over (
            partition by
                reference_dates.partition_key,
                reference_dates.person_id,
                reference_dates.reference_date
            order by legal_statuses.precedence
        ) as status_rank
    from reference_dates
    inner join legal_statuses
        on
            reference_dates.partition_key = legal_statuses.partition_key
            and reference_dates.person_id = legal_statuses.person_id
            and {{ in_force(
                'legal_statuses.start_date', 'legal_statuses.end_date', 'reference_dates.reference_date'
            ) }}
),

final as (
    select
        partition_key,
        person_id,
        reference_date,
        legal_status_id,
        legal_status_group
    from in_force
    where status_rank = 1
)

select * from final
