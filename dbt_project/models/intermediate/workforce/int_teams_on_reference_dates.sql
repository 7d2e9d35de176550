with

reference_dates as (select * from {{ ref('int_reference_dates') }}),

allocations as (select * from {{ ref('int_worker_allocations') }}),

posts as (select * from {{ ref('stg_local_establishment') }}),

workers as (
    select
        reference_dates.*,
        allocations.professional_id,
        row_number() over (
            partition by
                reference_dates.partition_key,
                reference_dates.person_id,
                reference_dates.reference_date
            order by allocations.precedence
        ) as worker_rank
    from reference_dates
    inner join allocations
        on
            reference_dates.partition_key = allocations.partition_key
            and reference_dates.person_id = allocations.person_id
            and allocations.role = 'Allocated Case Worker'
            and {{ in_force(
                'allocations.start_date', 'allocations.end_date', 'reference_dates.reference_date'
            ) }}
),

ranked_posts as (
    select
        partition_key,
        professional_id,
        area,
        team_name,
        row_number() over (
            partition by partition_key, professional_id order by post_id desc
        ) as post_rank
    from posts
    where professional_id is not null
),

final as (
    select
        workers.partition_key,
        workers.person_id,
        workers.reference_date,
        ranked_posts.area,
        ranked_posts.team_name as team
    from workers
    inner join ranked_posts
        on
            workers.partition_key = ranked_posts.partition_key
            and workers.professional_id = ranked_posts.professional_id
    where workers.worker_rank = 1 and ranked_posts.post_rank = 1
)

select * from final
