/* Task specifications: reading them from a payload and writing them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"
#include "model/tree/spec.h"

static int setup(void **state)
{
    struct rota_outbox *o = malloc(sizeof *o);

    rota_assert(o != NULL);
    rota_outbox_init(o);
    *state = o;
    return 0;
}

static int teardown(void **state)
{
    rota_outbox_close(*state);
    free(*state);
    return 0;
}

static struct rota_bytes bytes(const char *text)
{
    return (struct rota_bytes){text, (int32_t)strlen(text)};
}

static void expect_bytes(struct rota_bytes actual, const void *expected, size_t length)
{
    assert_int_equal(actual.length, length);
    assert_memory_equal(actual.data, expected, length);
}

static void expect_text(struct rota_bytes actual, const char *expected)
{
    expect_bytes(actual, expected, strlen(expected));
}

static void expect_same(const struct rota_spec *a, const struct rota_spec *b)
{
#define X(member, field, otherwise, least, most) assert_int_equal(a->field, b->field);
    ROTA_SPEC_MAP(X)
#undef X
    assert_memory_equal(a->fatal, b->fatal, sizeof a->fatal);
    assert_int_equal(a->after_count, b->after_count);
    for (uint32_t i = 0; i < a->after_count; i++)
        assert_string_equal(a->after[i], b->after[i]);
    assert_int_equal(a->tag_count, b->tag_count);
    for (uint32_t i = 0; i < a->tag_count; i++)
        assert_string_equal(a->tags[i], b->tags[i]);
}

static void expect_defaults(const struct rota_spec *spec)
{
    struct rota_spec defaults;

    rota_spec_init(&defaults, ROTA_NULL_BYTES);
    expect_same(spec, &defaults);
}

/* ---- payloads that are not specifications ---- */

/* A payload without a member "rota" of its own goes to the worker unchanged. */
static void other_payloads_have_the_default_terms(void **state)
{
    static const char *const payloads[] = {
        "",
        "echo hi",
        "{",
        "{}",
        "{\"command\":\"make\"}",
        "{\"rota\"",           /* not JSON */
        "{\"rota\":1",         /* cut off */
        "{\"rota\":1} and so", /* text behind the JSON */
        "{\"rota\":1,\"rota\":1}",
        "{\"a\":\"\\\"rota\\\"\"}",
        "{\"a\":{\"rota\":1}}", /* the member of another object */
        "{'rota':1}",
        " {\"rota\":1}",
        "[{\"rota\":1}]",
        "{\"rot\"}",
        "{\"",
    };

    for (size_t i = 0; i < sizeof payloads / sizeof *payloads; i++) {
        struct rota_spec spec;

        assert_null(rota_spec_read(*state, bytes(payloads[i]), &spec));
        assert_false(spec.given);
        expect_text(spec.payload, payloads[i]);
        expect_defaults(&spec);
    }
}

static void no_data_is_a_payload(void **state)
{
    struct rota_spec spec;

    assert_null(rota_spec_read(*state, ROTA_NULL_BYTES, &spec));
    assert_int_equal(spec.payload.length, -1);
    assert_null(rota_spec_read(*state, (struct rota_bytes){"{\0\"rota\":1}", 11}, &spec));
    assert_false(spec.given);
    assert_int_equal(spec.payload.length, 11);
}

/* ---- reading ---- */

static void every_member_is_read(void **state)
{
    static const char text[] =
        "{\"rota\":1,\"payload\":\"make all\",\"retries\":3,\"losses\":2,\"backoff_ms\":500,"
        "\"backoff_cap_ms\":60000,\"timeout_ms\":10000,\"expires_ms\":3600000,\"delay_ms\":7,"
        "\"at_ms\":1700000000000,\"priority\":-5,\"keep_ms\":0,\"fatal\":[1,64,255],"
        "\"after\":[\"a\",\"b-1\"],\"tags\":[\"gpu\",\"disk.ssd\"]}";
    struct rota_spec spec;

    assert_null(rota_spec_read(*state, bytes(text), &spec));
    assert_true(spec.given);
    expect_text(spec.payload, "make all");
    assert_int_equal(spec.retries, 3);
    assert_int_equal(spec.losses, 2);
    assert_int_equal(spec.backoff_ms, 500);
    assert_int_equal(spec.backoff_cap_ms, 60000);
    assert_int_equal(spec.timeout_ms, 10000);
    assert_int_equal(spec.expires_ms, 3600000);
    assert_int_equal(spec.delay_ms, 7);
    assert_int_equal(spec.at_ms, 1700000000000);
    assert_int_equal(spec.priority, -5);
    assert_int_equal(spec.keep_ms, 0);
    assert_int_equal(spec.after_count, 2);
    assert_string_equal(spec.after[1], "b-1");
    assert_int_equal(spec.tag_count, 2);
    assert_string_equal(spec.tags[0], "gpu");
    for (int32_t status = -1; status <= 256; status++)
        assert_int_equal(rota_spec_fatal(&spec, status),
                         status == 1 || status == 64 || status == 255);
}

static void a_specification_without_a_payload(void **state)
{
    struct rota_spec spec;

    assert_null(rota_spec_read(*state, bytes("{\"rota\":1}"), &spec));
    assert_true(spec.given);
    expect_text(spec.payload, "");
    expect_defaults(&spec);
}

/* Bytes that are not text are given in base64; both forms may hold a NUL. */
static void payloads_are_any_bytes(void **state)
{
    struct rota_spec spec;

    assert_null(rota_spec_read(*state, bytes("{\"rota\":1,\"payload\":\"a\\u0000b\"}"), &spec));
    expect_bytes(spec.payload, "a\0b", 3);
    assert_null(rota_spec_read(*state, bytes("{\"rota\":1,\"payload\":\"\"}"), &spec));
    expect_bytes(spec.payload, "", 0);
    assert_null(rota_spec_read(*state, bytes("{\"rota\":1,\"payload_base64\":\"+/8=\"}"), &spec));
    expect_bytes(spec.payload, "\xfb\xff", 2);
    assert_null(rota_spec_read(*state, bytes("{\"rota\":1,\"payload_base64\":\"\"}"), &spec));
    expect_bytes(spec.payload, "", 0);
}

/* Each number is valid at its bounds and invalid beyond them. */
static void numbers_have_bounds(void **state)
{
    static const struct {
        const char *member;
        int64_t least, most;
    } numbers[] = {
#define X(member, field, otherwise, least, most) {member, least, most},
        ROTA_SPEC_MAP(X)
#undef X
    };
    struct rota_spec spec;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const int64_t good[] = {numbers[i].least, numbers[i].most};
        const int64_t bad[] = {numbers[i].least - 1,
                               numbers[i].most + (numbers[i].most < INT64_MAX)};

        for (size_t k = 0; k < 2; k++) {
            /* The cap must not be below the first backoff. */
            const char *text = rota_outbox_text(
                *state, "{\"rota\":1,%s\"%s\":%lld}",
                strcmp(numbers[i].member, "backoff_ms") == 0 ? "\"backoff_cap_ms\":0," : "",
                numbers[i].member, (long long)good[k]);
            const char *why = rota_spec_read(*state, bytes(text), &spec);

            if (why != NULL)
                fail_msg("%s: %s", text, why);
            if (bad[k] == good[k])
                continue;
            text = rota_outbox_text(*state, "{\"rota\":1,\"%s\":%lld}", numbers[i].member,
                                    (long long)bad[k]);
            why = rota_spec_read(*state, bytes(text), &spec);
            assert_non_null(why);
            assert_non_null(strstr(why, numbers[i].member));
            assert_non_null(strstr(why, " must be from "));
        }
    }
}

/* An invalid specification gets a sentence that says why, and the default terms. */
static void invalid_specifications_get_a_sentence(void **state)
{
    static const struct {
        const char *text;
        const char *sentence;
    } cases[] = {
        {"{\"rota\":0}", "\"rota\" must be the number of a version"},
        {"{\"rota\":\"1\"}", "\"rota\" must be the number of a version"},
        {"{\"rota\":1.5}", "\"rota\" must be the number of a version"},
        {"{\"rota\":null}", "\"rota\" must be the number of a version"},
        {"{\"rota\":2,\"new\":1}", "it has version 2, but this rota reads version 1"},
        {"{\"rota\":9223372036854775807}",
         "it has version 9223372036854775807, but this rota reads version 1"},
        {"{\"rota\":1,\"retry\":3}", "\"retry\" is not a member of version 1"},
        {"{\"rota\":1,\"\":3}", "\"\" is not a member of version 1"},
        {"{\"rota\":1,\"retries\":\"3\"}", "\"retries\" must be a whole number"},
        {"{\"rota\":1,\"retries\":1.0}", "\"retries\" must be a whole number"},
        {"{\"rota\":1,\"retries\":null}", "\"retries\" must be a whole number"},
        {"{\"rota\":1,\"retries\":99999999999999999999}", "it holds a number that is too large"},
        {"{\"rota\":1,\"retries\":-1}", "\"retries\" must be from 0 to 1000000"},
        {"{\"rota\":1,\"backoff_ms\":300001}", "\"backoff_cap_ms\" is below \"backoff_ms\""},
        {"{\"rota\":1,\"backoff_ms\":9,\"backoff_cap_ms\":8}",
         "\"backoff_cap_ms\" is below \"backoff_ms\""},
        {"{\"rota\":1,\"payload\":7}", "\"payload\" must be a string"},
        {"{\"rota\":1,\"payload_base64\":[]}", "\"payload_base64\" must be a string"},
        {"{\"rota\":1,\"payload\":\"a\",\"payload_base64\":\"YQ==\"}",
         "\"payload\" and \"payload_base64\" exclude each other"},
        {"{\"rota\":1,\"fatal\":3}", "\"fatal\" must be a list of exit statuses"},
        {"{\"rota\":1,\"fatal\":[0]}", "\"fatal\" must hold exit statuses from 1 to 255"},
        {"{\"rota\":1,\"fatal\":[3,256]}", "\"fatal\" must hold exit statuses from 1 to 255"},
        {"{\"rota\":1,\"fatal\":[\"3\"]}", "\"fatal\" must hold exit statuses from 1 to 255"},
        {"{\"rota\":1,\"after\":\"a\"}", "\"after\" must be a list of at most 100 strings"},
        {"{\"rota\":1,\"after\":[1]}", "\"after\" must be a list of strings"},
        {"{\"rota\":1,\"after\":[\"a\\u0000b\"]}", "\"after\" must be a list of strings"},
        {"{\"rota\":1,\"after\":[\"a/b\"]}", "\"after\" holds a name that no task can have"},
        {"{\"rota\":1,\"after\":[\"\"]}", "\"after\" holds a name that no task can have"},
        {"{\"rota\":1,\"after\":[\"..\"]}", "\"after\" holds a name that no task can have"},
        {"{\"rota\":1,\"after\":[\"a\\tb\"]}", "\"after\" holds a name that no task can have"},
        {"{\"rota\":1,\"tags\":{}}", "\"tags\" must be a list of at most 16 strings"},
        {"{\"rota\":1,\"tags\":[\"a b\"]}", "a tag holds only letters, digits, and . _ -"},
        {"{\"rota\":1,\"tags\":[\"\"]}", "a tag cannot be empty"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rota_spec spec;
        const char *why = rota_spec_read(*state, bytes(cases[i].text), &spec);

        if (why == NULL)
            fail_msg("%s was read", cases[i].text);
        assert_string_equal(why, cases[i].sentence);
        assert_true(spec.given);
        expect_defaults(&spec);
        expect_text(spec.payload, cases[i].text);
    }
}

/* A list that holds the same text `count` times. */
static const char *list_of(struct rota_outbox *o, const char *member, const char *text,
                           uint32_t count)
{
    const char *list = rota_outbox_text(o, "\"%s\"", text);

    for (uint32_t i = 1; i < count; i++)
        list = rota_outbox_text(o, "%s,\"%s\"", list, text);
    return rota_outbox_text(o, "{\"rota\":1,\"%s\":[%s]}", member, list);
}

static void lists_have_bounds(void **state)
{
    struct rota_spec spec;

    assert_null(rota_spec_read(*state, bytes(list_of(*state, "after", "t", 100)), &spec));
    assert_int_equal(spec.after_count, 100);
    assert_non_null(rota_spec_read(*state, bytes(list_of(*state, "after", "t", 101)), &spec));
    assert_null(rota_spec_read(*state, bytes(list_of(*state, "tags", "t", 16)), &spec));
    assert_int_equal(spec.tag_count, 16);
    assert_non_null(rota_spec_read(*state, bytes(list_of(*state, "tags", "t", 17)), &spec));
    assert_null(rota_spec_read(*state, bytes("{\"rota\":1,\"after\":[],\"tags\":[]}"), &spec));
    assert_int_equal(spec.after_count + spec.tag_count, 0);
}

/* The length of the sentence is bounded, whatever the length of the member's name. */
static void a_long_member_is_cut_in_the_sentence(void **state)
{
    char *name = rota_outbox_take(*state, 5000);
    struct rota_spec spec;
    const char *why;

    memset(name, 'x', 4999);
    why = rota_spec_read(*state, bytes(rota_outbox_text(*state, "{\"rota\":1,\"%s\":1}", name)),
                         &spec);
    assert_non_null(why);
    assert_true(strlen(why) < 120);
}

static void invalid_base64_is_refused(void **state)
{
    static const char *const texts[] = {
        "a",    "ab",       "abc",    "a===", "====",       "ab=c",           "=abc",
        "ab c", "ab==abcd", "abc\\n", "ab*=", "ab\\u0000=", "abcd\\u0000bcd", "ab=*"};
    struct rota_spec spec;

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *why = rota_spec_read(
            *state,
            bytes(rota_outbox_text(*state, "{\"rota\":1,\"payload_base64\":\"%s\"}", texts[i])),
            &spec);

        if (why == NULL)
            fail_msg("%s was read", texts[i]);
        assert_string_equal(why, "\"payload_base64\" is not base64");
    }
}

/* ---- tags ---- */

static void a_tag_is_a_short_word(void **state)
{
    char tag[ROTA_SPEC_TAG_MAX + 2] = "";

    (void)state;
    memset(tag, 't', ROTA_SPEC_TAG_MAX);
    assert_null(rota_spec_tag_wrong("A-z_0.9"));
    assert_null(rota_spec_tag_wrong(tag));
    tag[ROTA_SPEC_TAG_MAX] = 't';
    assert_string_equal(rota_spec_tag_wrong(tag), "a tag has at most 64 characters");
    assert_string_equal(rota_spec_tag_wrong(""), "a tag cannot be empty");
    assert_non_null(rota_spec_tag_wrong("a,b")); /* a worker separates its tags by commas */
    assert_non_null(rota_spec_tag_wrong("a b"));
    assert_non_null(rota_spec_tag_wrong("\xc3\xa4"));
}

/* ---- writing ---- */

static struct rota_bytes written(struct rota_outbox *o, const struct rota_spec *spec)
{
    struct rota_bytes data;
    const char *why = rota_spec_write(o, spec, &data);

    if (why != NULL)
        fail_msg("rota_spec_write: %s", why);
    return data;
}

static struct rota_spec read_back(struct rota_outbox *o, const struct rota_spec *spec)
{
    struct rota_spec back;
    const char *why = rota_spec_read(o, written(o, spec), &back);

    if (why != NULL)
        fail_msg("rota_spec_read refuses what rota_spec_write wrote: %s", why);
    expect_same(&back, spec);
    if (spec->payload.length > 0)
        expect_bytes(back.payload, spec->payload.data, (size_t)spec->payload.length);
    else
        assert_int_equal(back.payload.length > 0, false);
    return back;
}

static void with_defaults_only_the_payload_is_written(void **state)
{
    struct rota_spec spec;

    rota_spec_init(&spec, bytes("echo hi"));
    expect_text(written(*state, &spec), "echo hi");
    rota_spec_init(&spec, ROTA_NULL_BYTES);
    assert_int_equal(written(*state, &spec).length, -1);
}

static void terms_are_written_and_read_back(void **state)
{
    static const char *const after[] = {"t1", "t2"};
    static const char *const needed[] = {"gpu"};
    struct rota_spec spec;

    rota_spec_init(&spec, bytes("make \"all\"\n"));
    spec.retries = 3;
    expect_text(written(*state, &spec),
                "{\"rota\":1,\"payload\":\"make \\\"all\\\"\\n\",\"retries\":3}");
    read_back(*state, &spec);
    spec.keep_ms = 0;
    spec.priority = -1000;
    spec.at_ms = INT64_MAX;
    spec.fatal[0] = 1u << 1;
    spec.fatal[31] = 1u << 7;
    spec.after = after;
    spec.after_count = 2;
    spec.tags = needed;
    spec.tag_count = 1;
    assert_true(read_back(*state, &spec).given);
}

/* Each member that differs from its default makes a specification necessary. */
static void each_member_alone_is_written(void **state)
{
    static const char *const names[] = {"t"};
    struct rota_spec spec;

#define X(member, field, otherwise, least, most)                                                   \
    rota_spec_init(&spec, bytes("p"));                                                             \
    spec.field = (otherwise) + 1;                                                                  \
    assert_true(read_back(*state, &spec).given);
    ROTA_SPEC_MAP(X)
#undef X
    rota_spec_init(&spec, bytes("p"));
    spec.fatal[7] = 1;
    assert_true(read_back(*state, &spec).given);
    rota_spec_init(&spec, bytes("p"));
    spec.after = names;
    spec.after_count = 1;
    assert_true(read_back(*state, &spec).given);
    rota_spec_init(&spec, bytes("p"));
    spec.tags = names;
    spec.tag_count = 1;
    assert_true(read_back(*state, &spec).given);
}

/* A name or a tag that cannot be written is refused, not left out: the task would start without it.
 */
static void texts_that_cannot_be_written_are_refused(void **state)
{
    static const char *const texts[] = {"good", "bad\xff"};
    struct rota_bytes data;
    struct rota_spec spec;

    rota_spec_init(&spec, bytes("p"));
    spec.after = texts;
    spec.after_count = 2;
    assert_string_equal(rota_spec_write(*state, &spec, &data),
                        "\"after\" holds a name that no task can have");
    assert_int_equal(data.length, -1);
    spec.after_count = 1;
    spec.tags = texts;
    spec.tag_count = 2;
    assert_string_equal(rota_spec_write(*state, &spec, &data),
                        "a tag holds only letters, digits, and . _ -");
    spec.tag_count = 1;
    assert_true(read_back(*state, &spec).given);
}

/* Other programs read "payload" too, and some of them cut a text at a NUL. */
static void a_payload_with_a_nul_is_written_in_base64(void **state)
{
    struct rota_spec spec;

    rota_spec_init(&spec, (struct rota_bytes){"a\0b", 3});
    spec.retries = 1;
    expect_text(written(*state, &spec), "{\"rota\":1,\"payload_base64\":\"YQBi\",\"retries\":1}");
}

/* Payloads of each length up to some blocks of base64, some of them text. */
static void payloads_come_back_byte_for_byte(void **state)
{
    uint8_t payload[64];
    struct rota_spec spec;

    for (size_t i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * 37 + 128);
    for (int32_t n = 0; n <= (int32_t)sizeof payload; n++) {
        rota_spec_init(&spec, (struct rota_bytes){payload, n});
        spec.retries = 1;
        read_back(*state, &spec);
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        uint8_t one[] = {'a', (uint8_t)byte, 'b'};

        rota_spec_init(&spec, (struct rota_bytes){one, 3});
        spec.retries = 1;
        read_back(*state, &spec);
    }
}

/* A payload that is itself a specification is only a payload inside of another one. */
static void a_specification_as_a_payload(void **state)
{
    struct rota_spec spec;

    rota_spec_init(&spec, bytes("{\"rota\":1,\"retries\":9}"));
    spec.retries = 1;
    assert_int_equal(read_back(*state, &spec).retries, 1);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(other_payloads_have_the_default_terms),
        TEST(no_data_is_a_payload),
        TEST(every_member_is_read),
        TEST(a_specification_without_a_payload),
        TEST(payloads_are_any_bytes),
        TEST(numbers_have_bounds),
        TEST(invalid_specifications_get_a_sentence),
        TEST(lists_have_bounds),
        TEST(a_long_member_is_cut_in_the_sentence),
        TEST(invalid_base64_is_refused),
        TEST(a_tag_is_a_short_word),
        TEST(with_defaults_only_the_payload_is_written),
        TEST(terms_are_written_and_read_back),
        TEST(each_member_alone_is_written),
        TEST(texts_that_cannot_be_written_are_refused),
        TEST(a_payload_with_a_nul_is_written_in_base64),
        TEST(payloads_come_back_byte_for_byte),
        TEST(a_specification_as_a_payload),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
