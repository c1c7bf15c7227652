/*
 * The last step of the doctor: one real call, by the library that all commands use.
 */
#include "cix.h"
#include "cli/doctor.h"
#include "cli/exit.h"
#include "message.h"

static void tell_error(struct doctor *doctor, const struct cix_error *error)
{
    enum cli_exit code = cli_exit_of_status((int)error->status);
    const char *id = cix_error_fact(error, "request_id");

    doctor_tell(doctor, DOCTOR_CALL, code == CLI_REFUSED ? DOCTOR_CALL_REFUSED : DOCTOR_CALL_FAILED,
                "%s%s%s%s%s", error->message, *error->reason ? ", " : "", error->reason,
                id ? ", request " : "", id ? id : "");
}

static void tell_member(struct doctor *doctor, const Cix__V1__GetMemberResponse *member)
{
    const char *state =
        cix_message_enum_name(&cix__v1__member_state__descriptor, (int)member->state);
    enum doctor_fault fault =
        member->state == CIX__V1__MEMBER_STATE__MEMBER_STATE_TESTING      ? DOCTOR_MEMBER_TESTING
        : member->state == CIX__V1__MEMBER_STATE__MEMBER_STATE_RESTRICTED ? DOCTOR_MEMBER_RESTRICTED
                                                                          : DOCTOR_NONE;

    doctor_tell(doctor, DOCTOR_CALL, fault, "the exchange, version %s, knows %s, %s, as %s",
                member->server_version, member->code, member->name, state);
}

void doctor_check_call(struct doctor *doctor)
{
    const struct settings *settings = &doctor->settings;
    struct cix_options options = {.address = settings->address,
                                  .ca = settings->ca,
                                  .cert = settings->cert,
                                  .key = settings->key,
                                  .server_name = settings->server_name,
                                  .deadline_ms = doctor->timeout_ms,
                                  .repeat_max = -1};
    struct cix_client *client;
    struct cix_error error;
    Cix__V1__GetMemberResponse *member;

    if (!cix_open(&options, &client, &error)) {
        tell_error(doctor, &error);
        return;
    }
    if (cix_get_member(client, &member, &error)) {
        tell_member(doctor, member);
        cix_free(member);
    } else {
        tell_error(doctor, &error);
    }
    cix_close(client);
}
