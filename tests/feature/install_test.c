/*
 * Goal: what `cmake --install` puts down is whole, may be moved, and serves a program outside the
 * tree. Method: install into a stage (DESTDIR) and into a prefix that is then moved; compile the
 * header alone as C and C++; look at the names the library shows; build client/example by
 * pkg-config and by the CMake package, and run it against an exchange.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "support/exchange.h"
#include "support/person.h"

#include "support/cmocka.h"

enum { OUTPUT_MAX = 256 * 1024 };

static struct exchange exchange;
static char output[OUTPUT_MAX];

/*
 * Runs lines of bash; $build is the build's folder, $root a folder of the test, $prefix the prefix
 * after its move, $lib its folder of libraries. What it prints is in output.
 */
static int run(const char *lines)
{
    const char *build = getenv("CIX_BUILD");
    char command[8192];

    setenv("CIX_OWNER", exchange.database.owner_uri, 1);

    snprintf(command, sizeof(command),
             "bash -c 'set -eu; build=$(realpath %s); root=%s; prefix=$root/moved; "
             "lib=$(dirname \"$(find $root/moved -name libcix.a 2>/dev/null | head -1)\"); "
             "export PKG_CONFIG_PATH=$lib/pkgconfig LD_LIBRARY_PATH=$lib LC_ALL=C.UTF-8; %s' 2>&1",
             build ? build : "build/dev", exchange.folder, lines);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    output[fread(output, 1, sizeof(output) - 1, pipe)] = '\0';
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void assert_run(const char *lines)
{
    int code = run(lines);

    if (code)
        fail_msg("%s: %d: %s", lines, code, output);
}

static void assert_quiet(const char *lines)
{
    assert_run(lines);
    if (*output)
        fail_msg("%s: %s", lines, output);
}

static int setup(void **state)
{
    (void)state;
    exchange_start(&exchange, NULL);
    exchange_member(&exchange, "bank-one", MEMBER_TYPE_BANK);
    if (run("cmake --install $build --prefix $root/first >/dev/null && mv $root/first $prefix"))
        fail_msg("cmake --install: %s", output);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    exchange_stop(&exchange);
    return 0;
}

static const char *const files[] = {
    "bin/cix",
    "bin/cixd",
    "include/cix.h",
    "include/cix/v1/submission.pb-c.h",
    "share/man/man1/cix.1",
    "share/man/man5/cix-config.5",
    "share/man/man5/cixd.conf.5",
    "share/man/man8/cixd.8",
    "share/bash-completion/completions/cix",
    "share/bash-completion/completions/cixd",
    "share/zsh/vendor-completions/_cix",
    "share/zsh/vendor-completions/_cixd",
    "lib/systemd/system/cixd.service",
    "share/cix/proto/cix/v1/submission.proto",
    "share/cix/sql/grant.sql",
    "share/cix/standard/card-next-month.standard",
    "share/cix/sql/schema/0001_member.sql",
    "share/doc/cix/LICENSE",
    "share/doc/cix/README.md",
    "share/doc/cix/client/example/example.c",
};

static void everything_is_in_its_place(void **state)
{
    char line[256];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        snprintf(line, sizeof(line), "test -s $prefix/%s", files[i]);
        assert_quiet(line);
    }
    assert_quiet("test -s $lib/libcix.a && test -s $lib/pkgconfig/cix.pc && "
                 "test -s $lib/cmake/cix/cixConfig.cmake");
    assert_quiet("test -L $lib/libcix.so && test -e $lib/libcix.so");
    assert_run("readelf -d $lib/libcix.so | grep SONAME");
    assert_non_null(strstr(output, "[libcix.so.0]"));
}

static void a_stage_holds_the_same_files(void **state)
{
    (void)state;
    assert_run("DESTDIR=$root/stage cmake --install $build --prefix /opt/cix >/dev/null; "
               "diff <(cd $root/stage/opt/cix && find . | sort) <(cd $prefix && find . | sort)");
    assert_string_equal(output, "");
}

static void nothing_speaks_of_the_build(void **state)
{
    (void)state;
    assert_run("grep -rl -e $root/first $prefix || true");
    assert_non_null(strstr(output, "/moved/lib/systemd/system/cixd.service\n"));
    assert_ptr_equal(strchr(output, '\n'), strrchr(output, '\n'));
    assert_quiet("grep -q ^ExecStart=$root/first/bin/cixd $prefix/lib/systemd/system/cixd.service");
    assert_quiet("grep -rIl -e \"$build\" $prefix || true");
}

static void the_programs_run_from_where_they_were_moved(void **state)
{
    (void)state;
    assert_run("$prefix/bin/cix --version");
    assert_string_equal(output, "cix " CIX_VERSION "\n");
    assert_run("$prefix/bin/cixd --version");
    /* cixd needs no file of the tree: it makes a database of what it carries. */
    assert_run("env -i PATH=\"$PATH\" $prefix/bin/cixd migrate --database \"$CIX_OWNER\"");
    assert_non_null(strstr(output, "schema version"));
}

static void the_header_stands_alone_in_c_and_c_plus_plus(void **state)
{
    (void)state;
    assert_quiet("echo \"#include <cix.h>\" > $root/alone.c; cp $root/alone.c $root/alone.cc; "
                 "cc -std=c11 -Wall -Wextra -Wpedantic -Wstrict-prototypes -Werror -fsyntax-only "
                 "$(pkg-config --cflags cix) $root/alone.c");
    if (run("command -v c++")) {
        print_message("no C++ compiler is here\n");
        skip();
    }
    assert_quiet("c++ -std=c++17 -Wall -Wextra -Werror -fsyntax-only $(pkg-config --cflags cix) "
                 "$root/alone.cc");
}

/* As declared in cix.h; the messages of the protocol beside. */
static void the_library_shows_the_names_of_its_header_and_no_others(void **state)
{
    static const char *const shown[] = {
        "nm -D --defined-only $lib/libcix.so | sed \"s/@.*//\"",
        "nm -g --defined-only $lib/libcix.a | grep -v \"^$\\|:$\"",
    };
    char lines[1024];

    (void)state;
    for (size_t i = 0; i < ARRAY_LENGTH(shown); i++) {
        snprintf(lines, sizeof(lines),
                 "diff <(%s | sed \"s/.* //\" | grep -v \"^CIX_0\\|^cix__v1__\" | sort) "
                 "<(grep -v \"^ [*]\\|^/[*]\\|^typedef\" $prefix/include/cix.h | "
                 "grep -o \"\\bcix_[a-z0-9_]*(\" | tr -d \"(\" | sort -u)",
                 shown[i]);
        assert_quiet(lines);
    }
    assert_quiet("! nm -D --defined-only $lib/libcix.so | grep -v \" cix_\\| CIX_0\"");
}

/* Runs the built example for a person of its own. */
static void assert_example(const char *program, int64_t k)
{
    struct person person;
    char line[2048];

    person_make(k, &person);
    snprintf(line, sizeof(line),
             "%s %s $root/ca.pem $root/bank-one.pem $root/bank-one.key %s \"%s\"", program,
             exchange.address, person.number, person.name);
    assert_run(line);
    assert_non_null(strstr(output, "accepted 2, rejected 0\nreport: found, 0 accounts\n"));
}

static void a_program_is_built_by_pkg_config(void **state)
{
    (void)state;
    assert_quiet("cp -r $prefix/share/doc/cix/client/example $root/example; cd $root/example; "
                 "cc -Wall -Wextra -Werror example.c $(pkg-config --cflags --libs cix) -o example");
    assert_example("$root/example/example", 1);
}

static void a_program_is_built_by_the_cmake_package(void **state)
{
    (void)state;
    assert_run("cmake -S $prefix/share/doc/cix/client/example -B $root/example-cmake "
               "-DCMAKE_PREFIX_PATH=$prefix && cmake --build $root/example-cmake");
    assert_example("$root/example-cmake/example", 2);
    assert_example("env -u LD_LIBRARY_PATH $root/example-cmake/example_static", 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_is_in_its_place),
        cmocka_unit_test(a_stage_holds_the_same_files),
        cmocka_unit_test(nothing_speaks_of_the_build),
        cmocka_unit_test(the_programs_run_from_where_they_were_moved),
        cmocka_unit_test(the_header_stands_alone_in_c_and_c_plus_plus),
        cmocka_unit_test(the_library_shows_the_names_of_its_header_and_no_others),
        cmocka_unit_test(a_program_is_built_by_pkg_config),
        cmocka_unit_test(a_program_is_built_by_the_cmake_package),
    };

    if (getenv("CIX_BUILD") && strstr(getenv("CIX_BUILD"), "asan")) {
        puts("skipped: a program that links a library with sanitizers needs them itself");
        return 77;
    }
    return cmocka_run_group_tests(tests, setup, teardown);
}
