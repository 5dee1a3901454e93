/* The splitting and resolving of server lists, and the sentences about wrong ones. No server is
 * needed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "backend_zk/hosts.h"

static void expect_split(const char *connect, const char *hosts, const char *chroot)
{
    char a[64];
    char b[64];

    assert_true(rota_zk_split(connect, a, sizeof a, b, sizeof b));
    assert_string_equal(a, hosts);
    assert_string_equal(b, chroot);
}

static void list_is_split_at_its_chroot(void **state)
{
    char small[4];
    char large[64];

    (void)state;
    expect_split("a:1,b:2/rota", "a:1,b:2", "/rota");
    expect_split("a:1,b:2/rota/deep", "a:1,b:2", "/rota/deep");
    expect_split("a:1", "a:1", "");
    expect_split("a:1/", "a:1", "");
    expect_split("/rota", "", "/rota");
    assert_false(rota_zk_split("a:1234", small, sizeof small, large, sizeof large));
    assert_false(rota_zk_split("a:1/rota", large, sizeof large, small, sizeof small));
}

static void expect_resolved(const char *connect, const char *numeric)
{
    char reason[256] = "";
    char *list = rota_zk_resolve(connect, reason, sizeof reason);

    assert_string_equal(reason, "");
    assert_non_null(list);
    assert_string_equal(list, numeric);
    free(list);
}

static void names_are_resolved(void **state)
{
    (void)state;
    expect_resolved("127.0.0.1:2182", "127.0.0.1:2182");
    expect_resolved("127.0.0.1", "127.0.0.1:2181");
    expect_resolved("127.0.0.1:1,127.0.0.2:2/rota", "127.0.0.1:1,127.0.0.2:2/rota");
    expect_resolved("[::1]:2182", "::1:2182");
    expect_resolved("[::1]", "::1:2181");
    expect_resolved("::1", "::1:2181");
}

static void expect_refused(const char *connect, const char *sentence)
{
    char reason[256] = "";

    assert_null(rota_zk_resolve(connect, reason, sizeof reason));
    assert_string_equal(reason, sentence);
}

static void wrong_entries_are_refused(void **state)
{
    (void)state;
    expect_refused("", "the server list is empty");
    expect_refused("/rota", "the server list is empty");
    expect_refused("127.0.0.1:",
                   "the server list has an entry that is not HOST:PORT: \"127.0.0.1:\"");
    expect_refused("127.0.0.1:port",
                   "the server list has an entry that is not HOST:PORT: \"127.0.0.1:port\"");
    expect_refused("127.0.0.1:70000",
                   "the server list has an entry that is not HOST:PORT: \"127.0.0.1:70000\"");
    expect_refused("127.0.0.1:1,,127.0.0.1:2",
                   "the server list has an entry that is not HOST:PORT: \"\"");
    expect_refused("127.0.0.1:1/a//b", "the chroot \"/a//b\" is not a valid path");
}

static void unknown_host_is_reported(void **state)
{
    char reason[256] = "";

    (void)state;
    assert_null(rota_zk_resolve("no..such.host:2181", reason, sizeof reason));
    assert_non_null(strstr(reason, "the server \"no..such.host\" cannot be found: "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_is_split_at_its_chroot),
        cmocka_unit_test(names_are_resolved),
        cmocka_unit_test(wrong_entries_are_refused),
        cmocka_unit_test(unknown_host_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
