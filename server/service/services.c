#include "service/services.h"

#include "service/correction.h"
#include "service/flag.h"
#include "service/member.h"
#include "service/quality.h"
#include "service/quarantine.h"
#include "service/rating.h"
#include "service/report.h"
#include "service/standard.h"
#include "service/statistic.h"
#include "service/submission.h"
#include "service/supervision.h"

const struct service *const services[] = {
    &member_service,    &report_service,      &flag_service,       &submission_service,
    &statistic_service, &supervision_service, &correction_service, &quarantine_service,
    &quality_service,   &rating_service,      &standard_service,
};

const int service_count = ARRAY_LENGTH(services);
