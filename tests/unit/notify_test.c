/* The notification protocol: what a service manager receives. */
#include "ops/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A manager's socket in the abstract namespace, named by the process id. */
static int listen_as_manager(void)
{
    char name[64];
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int size = snprintf(name, sizeof(name), "@cix-notify-test-%d", (int)getpid());
    memcpy(address.sun_path, name, (size_t)size);
    address.sun_path[0] = '\0';
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)size);
    assert_int_equal(bind(descriptor, (struct sockaddr *)&address, length), 0);
    setenv("NOTIFY_SOCKET", name, 1);
    return descriptor;
}

static void assert_received(int descriptor, const char *start)
{
    char text[512];
    ssize_t size = recv(descriptor, text, sizeof(text) - 1, MSG_DONTWAIT);
    assert_true(size > 0);
    text[size] = '\0';
    text[strlen(start)] = '\0';
    assert_string_equal(text, start);
}

static void states_arrive_at_the_manager(void **state)
{
    (void)state;
    int descriptor = listen_as_manager();
    assert_true(notify_ready());
    assert_received(descriptor, "READY=1");
    assert_true(notify_reloading());
    assert_received(descriptor, "RELOADING=1\nMONOTONIC_USEC=");
    assert_true(notify_status("serving\n3 members"));
    assert_received(descriptor, "STATUS=serving 3 members");
    assert_true(notify_watchdog());
    assert_received(descriptor, "WATCHDOG=1");
    assert_true(notify_stopping());
    assert_received(descriptor, "STOPPING=1");
    close(descriptor);
}

static void without_a_manager_nothing_is_sent(void **state)
{
    static const char *const useless[] = {"", "@", "relative", "/nonexistent/notify"};
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    assert_false(notify_ready());
    for (size_t i = 0; i < sizeof(useless) / sizeof(useless[0]); i++) {
        setenv("NOTIFY_SOCKET", useless[i], 1);
        assert_false(notify_ready());
    }
}

static void a_manager_that_does_not_read_holds_nobody_up(void **state)
{
    int descriptor = listen_as_manager();
    bool is_taken = true;
    (void)state;
    for (int i = 0; i < 100000 && is_taken; i++)
        is_taken = notify_watchdog();
    assert_false(is_taken);
    close(descriptor);
}

static void the_watchdog_is_for_this_process_only(void **state)
{
    char pid[24];
    (void)state;
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    assert_int_equal(notify_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(notify_watchdog_us(), 30000000);
    snprintf(pid, sizeof(pid), "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    assert_int_equal(notify_watchdog_us(), 30000000);
    setenv("WATCHDOG_PID", "1", 1);
    assert_int_equal(notify_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(notify_watchdog_us(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_arrive_at_the_manager),
        cmocka_unit_test(without_a_manager_nothing_is_sent),
        cmocka_unit_test(a_manager_that_does_not_read_holds_nobody_up),
        cmocka_unit_test(the_watchdog_is_for_this_process_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
