with

steps as (
    select
        adoption_plans.cla_id,
        adoption_plans.answers_from,
        min(adoption_steps.placed_date) as placed_date,
        arg_min(adoption_steps.carer_since, adoption_steps.placed_date) as carer_since,
        min(adoption_steps.order_date) as order_date
    from adoption_plans
    inner join adoption_steps
        on
            adoption_plans.cla_id = adoption_steps.cla_id
            and adoption_plans.answers_from <= adoption_steps.decom
            and adoption_plans.answers_until > adoption_steps.decom
    group by all
),

-- how the period ended, and what AD1 says of it, belong to its last decision
plans as (
    select
        *,
        case
            when answers_until < date 'infinity' or end_date > getvariable('as_at') then null
            when end_reason in ('E11', 'E12') then 'Adoption'
            when end_reason in ('E43', 'E44', 'E45', 'E46', 'E47', 'E48')
                then 'Special Guardianship'
            when end_reason = 'E41' then 'Child Arrangements Order'
        end as order_type
    from adoption_plans
    inner join periods using (cla_id)
)

select
    dated_id(plans.cla_id, 'D', plans.decision_date) as perm_table_id,
    plans.child as perm_person_id,
    plans.cla_id as perm_cla_id,
    plans.decision_date as perm_adm_decision_date,
    steps.order_date as perm_placement_order_date,
    adoptions.date_match as perm_matched_date,
    adoptions.sex_adoptr as perm_adopter_sex,
    adoptions.ls_adoptr as perm_adopter_legal_status,
    adoptions.nb_adoptr as perm_number_of_adopters,
    steps.placed_date as perm_placed_for_adoption_date,
    case adoptions.foster_care when '1' then 'Y' when '0' then 'N' end
        as perm_adopted_by_carer_flag,
    case when adoptions.foster_care = '1' then steps.carer_since end
        as perm_placed_foster_carer_date,
    plans.reversed_date as perm_decision_reversed_date,
    plans.reversed_reason as perm_decision_reversed_reason,
    case when plans.order_type is not null then plans.end_date end as perm_permanence_order_date,
    plans.order_type as perm_permanence_order_type
from plans
left join steps using (cla_id, answers_from)
left join adoptions
    on plans.cla_id = adoptions.cla_id and plans.answers_until = date 'infinity'
