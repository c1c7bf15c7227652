#include "support/question.h"

void question_about(struct question *question, int64_t k, Cix__V1__Purpose purpose)
{
    person_make(k, &question->person);
    cix__v1__identifier__init(&question->identifier);
    question->identifier.type = CIX__V1__IDENTIFIER_TYPE__IDENTIFIER_TYPE_RESIDENT_ID;
    question->identifier.value = question->person.number;
    cix__v1__report_inquiry__init(&question->inquiry);
    question->inquiry.identifier = &question->identifier;
    question->inquiry.name = question->person.name;
    question->inquiry.purpose = purpose;
    question->inquiry.operator_id = (char *)"teller-7";
}

bool question_report(struct cix_client *client, int64_t k, Cix__V1__Purpose purpose,
                     Cix__V1__GetReportResponse **response, struct cix_error *error)
{
    Cix__V1__GetReportRequest request = CIX__V1__GET_REPORT_REQUEST__INIT;
    struct question question;

    question_about(&question, k, purpose);
    request.inquiry = &question.inquiry;
    return cix_get_report(client, &request, response, error);
}
