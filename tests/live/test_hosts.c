/* The splitting and resolving of server lists, and the sentences about wrong ones. No server is
 * needed. */
#include <netdb.h>
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
    expect_split(" a:1 , b:2 ,/rota ", "a:1,b:2", "/rota");
    expect_split("a:1,", "a:1", "");
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

/* Blanks and a comma at the end are forgiven; an address that stands twice counts once. */
static void blanks_and_a_last_comma_are_forgiven(void **state)
{
    (void)state;
    expect_resolved(" 127.0.0.1:1, 127.0.0.2:2 /rota", "127.0.0.1:1,127.0.0.2:2/rota");
    expect_resolved("127.0.0.1:1,", "127.0.0.1:1");
    expect_resolved("127.0.0.1:1,/rota", "127.0.0.1:1/rota");
    expect_resolved("127.0.0.1:1/rota, ", "127.0.0.1:1/rota");
    expect_resolved("127.0.0.1:1,127.0.0.1:1", "127.0.0.1:1");
    expect_resolved("127.0.0.1:11,127.0.0.1:1", "127.0.0.1:11,127.0.0.1:1");
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
    expect_refused("127.0.0.1:1/rota,127.0.0.1:2",
                   "the chroot goes once, at the end, as in HOST:PORT,HOST:PORT/chroot; "
                   "\"/rota,127.0.0.1:2\" is not the end of the server list");
    expect_refused("127.0.0.1:1/rota,127.0.0.1:2/rota",
                   "the chroot goes once, at the end, as in HOST:PORT,HOST:PORT/chroot; "
                   "\"/rota,127.0.0.1:2/rota\" is not the end of the server list");
    expect_refused("a/rota,b",
                   "the chroot goes once, at the end, as in HOST:PORT,HOST:PORT/chroot; "
                   "\"/rota,b\" is not the end of the server list");
    expect_refused(",", "the server list has an entry that is not HOST:PORT: \"\"");
}

static void unknown_host_is_reported(void **state)
{
    char reason[256] = "";

    (void)state;
    assert_null(rota_zk_resolve("no..such.host:2181", reason, sizeof reason));
    assert_non_null(strstr(reason, "the server \"no..such.host\" cannot be found: "));
}

/* A name service in which zk1 has two addresses, zk2 has one, and no other name has any. */
static int lookup(const char *host, const char *port, const struct addrinfo *hints,
                  struct addrinfo **found)
{
    struct addrinfo *second;
    int rc;

    if (strcmp(host, "zk2") == 0)
        return getaddrinfo("127.0.0.2", port, hints, found);
    if (strcmp(host, "zk1") != 0)
        return EAI_NONAME;
    rc = getaddrinfo("127.0.0.1", port, hints, found);
    if (rc == 0 && (rc = getaddrinfo("::1", port, hints, &second)) == 0)
        (*found)->ai_next = second;
    return rc;
}

static void expect_found(const char *connect, const char *numeric)
{
    char reason[256] = "";
    char *list = rota_zk_resolve_by(connect, lookup, reason, sizeof reason);

    assert_string_equal(reason, "");
    assert_non_null(list);
    assert_string_equal(list, numeric);
    free(list);
}

/* A name without an address is left out while another one has an address. */
static void names_without_an_address_are_left_out(void **state)
{
    char reason[256] = "";

    (void)state;
    expect_found("zk1:2182,zk2/rota", "127.0.0.1:2182,::1:2182,127.0.0.2:2181/rota");
    expect_found("gone,zk2", "127.0.0.2:2181");
    expect_found("zk2,gone", "127.0.0.2:2181");
    assert_null(rota_zk_resolve_by("gone,gone2", lookup, reason, sizeof reason));
    assert_non_null(strstr(reason, "cannot be found: "));
    assert_null(rota_zk_resolve_by("zk1:port,zk2", lookup, reason, sizeof reason));
    assert_non_null(strstr(reason, "not HOST:PORT"));
}

static void expect_odd(const char *resolved, unsigned random, const char *odd)
{
    char *list = rota_zk_hosts_odd(resolved, random);

    assert_string_equal(list, odd);
    free(list);
}

static void the_library_gets_an_odd_number_of_addresses(void **state)
{
    (void)state;
    expect_odd("a:1", 0, "a:1");
    expect_odd("a:1/rota", 5, "a:1/rota");
    expect_odd("a:1,b:2", 0, "a:1,b:2,a:1");
    expect_odd("a:1,b:2/rota", 3, "a:1,b:2,b:2/rota");
    expect_odd("a:1,b:2/rota", 2, "a:1,b:2,a:1/rota");
    expect_odd("a:1,b:2,c:3", 1, "a:1,b:2,c:3");
}

static void names_differ_from_addresses(void **state)
{
    (void)state;
    assert_false(rota_zk_hosts_named("127.0.0.1:1,[::1]:2/rota"));
    assert_true(rota_zk_hosts_named("127.0.0.1:1,localhost:2"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_is_split_at_its_chroot),
        cmocka_unit_test(names_are_resolved),
        cmocka_unit_test(wrong_entries_are_refused),
        cmocka_unit_test(unknown_host_is_reported),
        cmocka_unit_test(blanks_and_a_last_comma_are_forgiven),
        cmocka_unit_test(names_without_an_address_are_left_out),
        cmocka_unit_test(the_library_gets_an_odd_number_of_addresses),
        cmocka_unit_test(names_differ_from_addresses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
