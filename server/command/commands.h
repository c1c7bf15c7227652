/*
 * What command.c's table names, file by file.
 */
#pragma once

#include "command/command.h"

/* init.c */
int command_init(struct ctx *ctx, const struct command_call *call);
int command_migrate(struct ctx *ctx, const struct command_call *call);

/* config.c */
int command_config(struct ctx *ctx, const struct command_call *call);

/* member.c */
extern const struct config_flag member_add_flags[];
extern const struct config_flag member_certificate_flags[];
int command_member_add(struct ctx *ctx, const struct command_call *call);
int command_member_certificate_add(struct ctx *ctx, const struct command_call *call);
int command_member_certificate_revoke(struct ctx *ctx, const struct command_call *call);
extern const struct config_flag member_state_flags[];
int command_member_state(struct ctx *ctx, const struct command_call *call);
int command_member_suspend(struct ctx *ctx, const struct command_call *call);

/* The number in the table member_act of a reason's word. ERR_INVALID / REASON, naming the flag. */
MUST_USE bool command_member_reason(struct ctx *ctx, const char *flag, const char *word,
                                    int16_t *reason);
int command_member_list(struct ctx *ctx, const struct command_call *call);

/* conformance.c */
extern const struct config_flag member_activate_flags[];
int command_member_activate(struct ctx *ctx, const struct command_call *call);
int command_exchange(struct ctx *ctx, const struct command_call *call);

/* attribute.c */
extern const struct config_flag member_set_flags[];
int command_member_set(struct ctx *ctx, const struct command_call *call);

/* Refuses what is no financial institution code. ERR_INVALID / CODE14. */
MUST_USE bool command_member_code14(struct ctx *ctx, const char *code14);
extern const struct config_flag member_attest_flags[];
extern const struct config_flag member_limit_flags[];
int command_member_attest(struct ctx *ctx, const struct command_call *call);
int command_member_limit(struct ctx *ctx, const struct command_call *call);

/* manual.c */
int command_man(struct ctx *ctx, const struct command_call *call);

/* completion.c */
int command_completion(struct ctx *ctx, const struct command_call *call);

/* key.c */
int command_key_add(struct ctx *ctx, const struct command_call *call);
int command_key_rotate(struct ctx *ctx, const struct command_call *call);
int command_key_list(struct ctx *ctx, const struct command_call *call);
int command_key_retire(struct ctx *ctx, const struct command_call *call);

/* backup.c and restore.c */
extern const struct config_flag backup_flags[];
extern const struct config_flag restore_flags[];
int command_backup(struct ctx *ctx, const struct command_call *call);
int command_restore(struct ctx *ctx, const struct command_call *call);

/* fsck.c */
extern const struct config_flag fsck_flags[];
int command_fsck(struct ctx *ctx, const struct command_call *call);

/* standard.c */
extern const struct config_flag standard_retire_flags[];
int command_standard_load(struct ctx *ctx, const struct command_call *call);
int command_standard_publish(struct ctx *ctx, const struct command_call *call);
int command_standard_retire(struct ctx *ctx, const struct command_call *call);
int command_standard_list(struct ctx *ctx, const struct command_call *call);

/* purge.c */
extern const struct config_flag purge_flags[];
int command_purge(struct ctx *ctx, const struct command_call *call);

/* subject.c */
extern const struct config_flag subject_conflicts_flags[];
extern const struct config_flag subject_aliases_flags[];
extern const struct config_flag subject_merge_flags[]; /* of subject dismiss, too */

/* The words of --reason, one space between, of subject merge or of subject dismiss. In the arena.
 */
const char *command_subject_reasons(struct arena *arena, bool is_merge);
int command_subject_conflicts(struct ctx *ctx, const struct command_call *call);
int command_subject_merge(struct ctx *ctx, const struct command_call *call);
int command_subject_split(struct ctx *ctx, const struct command_call *call);
int command_subject_dismiss(struct ctx *ctx, const struct command_call *call);
int command_subject_aliases(struct ctx *ctx, const struct command_call *call);

/* feed.c */
extern const struct config_flag feed_accept_flags[];
int command_feed_list(struct ctx *ctx, const struct command_call *call);
int command_feed_accept(struct ctx *ctx, const struct command_call *call);

/* remedy.c */
extern const struct config_flag subject_marks_flags[];
extern const struct config_flag subject_remedy_flags[];
int command_subject_show(struct ctx *ctx, const struct command_call *call);
int command_subject_marks(struct ctx *ctx, const struct command_call *call);
int command_subject_lift(struct ctx *ctx, const struct command_call *call);
int command_subject_status(struct ctx *ctx, const struct command_call *call);

/*
 * The lookup of the identifier in the first line of standard input, as cixd subject show - takes
 * it. is_personal: a person's alone. ERR_INVALID / IDENTIFIER.
 */
struct digest;
MUST_USE bool command_read_lookup(struct ctx *ctx, const struct command_call *call,
                                  bool is_personal, struct digest *lookup);

/* One line of usage on stderr. Always 2. */
int command_usage(const struct command_call *call, const char *what);
