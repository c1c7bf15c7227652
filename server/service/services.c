#include "service/services.h"

#include "service/member.h"

const struct service *const services[] = {
    &member_service,
};

const int service_count = ARRAY_LENGTH(services);
