#include "command/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"

enum { CONTROL_C = 3 };

const char *passphrase_file;
const char *passphrase_descriptor;

void passphrase_wipe(struct passphrase *passphrase)
{
    OPENSSL_cleanse(passphrase, sizeof(*passphrase));
}

/* To the end of the first line, byte by byte: what follows may be for somebody else. */
static bool read_line(struct ctx *ctx, int fd, struct passphrase *out)
{
    out->size = 0;
    while (out->size < sizeof(out->data)) {
        uint8_t *next = &out->data[out->size];
        ssize_t got = read(fd, next, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(ctx, ERR_INVALID, "PASSPHRASE_MISSING", "the passphrase cannot be read: %s",
                        strerror(errno));
        if (got == 0 || *next == '\n')
            return true;
        if (*next == CONTROL_C)
            return fail(ctx, ERR_CANCELLED, "INTERRUPTED", "interrupted");
        out->size++;
    }
    return fail(ctx, ERR_INVALID, "PASSPHRASE_LONG", "a passphrase has at most %d bytes",
                PASSPHRASE_MOST);
}

static bool read_file(struct ctx *ctx, struct passphrase *out)
{
    struct stat status;
    int fd = open(passphrase_file, O_RDONLY | O_CLOEXEC);
    bool is_good;

    if (fd < 0 || fstat(fd, &status) != 0) {
        if (fd >= 0)
            close(fd);
        return fail(ctx, ERR_INVALID, "PASSPHRASE_MISSING", "cannot open %.120s: %s",
                    passphrase_file, strerror(errno));
    }
    is_good = !S_ISREG(status.st_mode) || (status.st_mode & 077) == 0
                  ? read_line(ctx, fd, out)
                  : fail(ctx, ERR_PRECONDITION, "PASSPHRASE_LOOSE",
                         "%.120s is open to others (mode %04o); run chmod go-rwx on it",
                         passphrase_file, (unsigned)(status.st_mode & 07777));
    close(fd);
    return is_good;
}

static bool read_descriptor(struct ctx *ctx, struct passphrase *out)
{
    int64_t fd;

    if (!text_to_int64(passphrase_descriptor, &fd) || fd > 1023)
        return fail(ctx, ERR_INVALID, "PASSPHRASE_MISSING",
                    "--passphrase-fd takes the number of an open descriptor");
    return read_line(ctx, (int)fd, out);
}

/* Without echo. Ctrl-C ends the line instead of the process, so that the echo comes back. */
static bool ask(struct ctx *ctx, int terminal, const char *question, struct passphrase *out)
{
    struct termios before;
    struct termios silent;
    bool is_good;

    if (tcgetattr(terminal, &before) != 0)
        return fail(ctx, ERR_INVALID, "PASSPHRASE_MISSING", "no terminal");
    silent = before;
    silent.c_lflag &= (tcflag_t) ~(ECHO | ISIG);
    silent.c_cc[VEOL] = CONTROL_C;
    tcsetattr(terminal, TCSAFLUSH, &silent);
    dprintf(terminal, "%s: ", question);
    is_good = read_line(ctx, terminal, out);
    tcsetattr(terminal, TCSAFLUSH, &before);
    dprintf(terminal, "\n");
    return is_good;
}

static bool ask_twice(struct ctx *ctx, int terminal, struct passphrase *out)
{
    struct passphrase again;
    bool is_good = ask(ctx, terminal, "new passphrase of the key ring", out) &&
                   ask(ctx, terminal, "the same once more", &again);

    if (is_good &&
        (again.size != out->size || CRYPTO_memcmp(again.data, out->data, out->size) != 0))
        is_good = fail(ctx, ERR_INVALID, "PASSPHRASE_DIFFERS", "the two are not the same");
    passphrase_wipe(&again);
    return is_good;
}

static bool read_terminal(struct ctx *ctx, bool is_new, struct passphrase *out)
{
    int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    bool is_good;

    if (terminal < 0)
        return fail(ctx, ERR_INVALID, "PASSPHRASE_MISSING",
                    "no terminal to ask for the passphrase: give --passphrase-file FILE or "
                    "--passphrase-fd N");
    is_good = is_new ? ask_twice(ctx, terminal, out)
                     : ask(ctx, terminal, "passphrase of the key ring", out);
    close(terminal);
    return is_good;
}

bool passphrase_read(struct ctx *ctx, bool is_new, struct passphrase *passphrase)
{
    bool is_good = passphrase_file         ? read_file(ctx, passphrase)
                   : passphrase_descriptor ? read_descriptor(ctx, passphrase)
                                           : read_terminal(ctx, is_new, passphrase);

    if (is_good && passphrase->size > PASSPHRASE_MOST)
        is_good = fail(ctx, ERR_INVALID, "PASSPHRASE_LONG", "a passphrase has at most %d bytes",
                       PASSPHRASE_MOST);
    if (is_good && is_new && passphrase->size < PASSPHRASE_LEAST)
        is_good =
            fail(ctx, ERR_INVALID, "PASSPHRASE_SHORT",
                 "a passphrase has at least %d bytes; several words are good", PASSPHRASE_LEAST);
    if (!is_good)
        passphrase_wipe(passphrase);
    return is_good;
}
