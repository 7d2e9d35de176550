with

reporting_month as (select * from {{ ref('int_reporting_month') }}),

posts as (select * from {{ ref('stg_local_establishment') }}),

professionals as (select * from {{ ref('stg_ssd_professionals') }}),

caseloads as (select * from {{ ref('care_leaver_caseloads') }}),

caseloads_in_force as (
    select
        reporting_month.partition_key,
        caseloads.role,
        caseloads.job_title,
        caseloads.qualified,
        caseloads.caseload,
        row_number() over (
            partition by caseloads.role order by caseloads.valid_from desc
        ) as caseload_rank
    from reporting_month
    inner join caseloads on reporting_month.as_at >= caseloads.valid_from
),

titled as (
    select
        posts.partition_key,
        posts.post_id,
        posts.established_fte,
        posts.filled_fte,
        posts.qualified,
        upper(trim(professionals.prof_professional_job_title)) as job_title
    from posts
    left join professionals
        on
            posts.partition_key = professionals.partition_key
            and posts.professional_id = professionals.prof_professional_id
    where posts.team_type = 'CARE_LEAVERS'
),

-- the title decides the role; where it is no role's, whether the post is a qualified one
ranked as (
    select
        titled.partition_key,
        titled.post_id,
        titled.established_fte,
        titled.filled_fte,
        caseloads_in_force.role,
        caseloads_in_force.caseload,
        row_number() over (
            partition by titled.partition_key, titled.post_id
            order by
                case when titled.job_title = upper(caseloads_in_force.job_title) then 0 else 1 end
        ) as role_rank
    from titled
    inner join caseloads_in_force
        on
            titled.partition_key = caseloads_in_force.partition_key
            and caseloads_in_force.caseload_rank = 1
            and (
                titled.job_title = upper(caseloads_in_force.job_title)
                or titled.qualified = caseloads_in_force.qualified
            )
),

final as (
    select
        partition_key,
        post_id,
        role,
        established_fte,
        filled_fte,
        caseload
    from ranked
    where role_rank = 1
)

select * from final
