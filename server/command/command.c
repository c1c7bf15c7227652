#include "command/command.h"

#include <stddef.h>

#include "command/commands.h"

static const char fsck_help[] =
    "compare what is kept with what it was made from, and mend it\n"
    "\n"
    "Beside a running server or without one, in one read-only snapshot that blocks nobody:\n"
    "  accounts and roll-ups against the reported months, which are the source of truth;\n"
    "  every row that points at another; submissions against their chunks and verdicts;\n"
    "  audit rows against their hashes; and whether sealed values open with the key ring.\n"
    "What differs is printed by id, at most twenty rows of a kind, never with personal data.\n"
    "\n"
    "  --all      open every sealed value, not a sample of up to 2,000 a column\n"
    "  --repair   write accounts' state and roll-ups anew where they differ, in one transaction\n"
    "             with an audit row, and look again. Submissions wait meanwhile; reports do not.\n"
    "             Nothing else is changed: what is not derived comes from a backup.\n"
    "\n"
    "With --database the URI says an owner's login, as for cixd migrate. Whole tables are read:\n"
    "see deploy/README.md for figures.\n"
    "Exit codes: 0 nothing is wrong (any more), 1 it could not look, 2 the command line is wrong,\n"
    "3 something is wrong.";

const struct command commands[] = {
    {"serve", "serve members until SIGTERM", "[--data DIR | --database URI]", NULL, NULL},
    {"init", "make the folder, the keys and the private database", "--data DIR", NULL,
     command_init},
    {"migrate", "bring a database to this build's schema", "[--database URI]", NULL,
     command_migrate},
    {"fsck", fsck_help, "[--all] [--repair] [--database URI]", fsck_flags, command_fsck},
    {"config", "print the settings in force, and where each comes from", "", NULL, command_config},
    {"member add", "add a member, or change the one with this code",
     "CODE --name NAME --type TYPE [--roles LIST] [--classes LIST] [--purposes LIST] [--quota N]",
     member_add_flags, command_member_add},
    {"member cert add", "let a certificate speak for a member", "CODE --certificate FILE",
     member_certificate_flags, command_member_certificate_add},
    {"member cert revoke", "end a certificate within a second",
     "(--certificate FILE | --fingerprint HEX)", member_certificate_flags,
     command_member_certificate_revoke},
    {"member attest", "record what a member attests about its governance",
     "CODE KIND --document FILE [--until DAY]", member_attest_flags, command_member_attest},
    {"member limit", "record a limit of risk that a member set itself",
     "CODE KIND --value NUMBER [--until DAY]", member_limit_flags, command_member_limit},
    {"member suspend", "end a member's calls within a second", "CODE", NULL,
     command_member_suspend},
    {"member activate", "let a member call again", "CODE", NULL, command_member_activate},
    {"member list", "members, their state, roles and certificates", "", NULL, command_member_list},
    {"key add", "make a sealing key that waits for key rotate, for several servers", "", NULL,
     command_key_add},
    {"key rotate", "make a new sealing key and seal everything anew; run again to go on", "", NULL,
     command_key_rotate},
    {"key list", "sealing keys and how many values each one seals", "", NULL, command_key_list},
    {"key retire", "put a sealing key away that no value needs", "ID", NULL, command_key_retire},
    {"man", "print a manual page as roff: cixd.8 or cixd.conf.5", "[PAGE]", NULL, command_man},
};

const int command_count = ARRAY_LENGTH(commands);
