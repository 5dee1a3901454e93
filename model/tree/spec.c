#include "model/tree/spec.h"

#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#include "model/base/base64.h"
#include "model/base/pool.h"
#include "model/tree/path.h"

void rota_spec_init(struct rota_spec *spec, struct rota_bytes payload)
{
    *spec = (struct rota_spec){.payload = payload,
#define X(member, field, otherwise, least, most) .field = (otherwise),
                               ROTA_SPEC_MAP(X)
#undef X
    };
}

const char *rota_spec_tag_wrong(const char *tag)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t n = strlen(tag);

    if (n == 0)
        return "a tag cannot be empty";
    if (n > ROTA_SPEC_TAG_MAX)
        return "a tag has at most 64 characters";
    return strspn(tag, allowed) == n ? NULL : "a tag holds only letters, digits, and . _ -";
}

bool rota_spec_fatal(const struct rota_spec *spec, int32_t exit_status)
{
    return exit_status > 0 && exit_status < 256 &&
           (spec->fatal[exit_status / 8] & (1u << (exit_status % 8))) != 0;
}

/* ---- reading ---- */

static const char *read_number(struct rota_outbox *o, const char *member, const json_t *value,
                               int64_t *field, int64_t least, int64_t most)
{
    if (!json_is_integer(value))
        return rota_outbox_text(o, "\"%s\" must be a whole number", member);
    *field = json_integer_value(value);
    if (*field >= least && *field <= most)
        return NULL;
    return rota_outbox_text(o, "\"%s\" must be from %" PRId64 " to %" PRId64, member, least, most);
}

static const char *read_payload(struct rota_outbox *o, const char *member, const json_t *value,
                                struct rota_bytes *payload)
{
    const char *text = json_string_value(value);
    size_t length = json_string_length(value);
    char *bytes;

    if (!json_is_string(value))
        return rota_outbox_text(o, "\"%s\" must be a string", member);
    if (payload->length >= 0)
        return "\"payload\" and \"payload_base64\" exclude each other";
    bytes = rota_outbox_take(o, length + 1);
    if (strcmp(member, "payload") == 0)
        memcpy(bytes, text, length);
    else if (!rota_base64_decode(bytes, length, &length, text, length))
        return "\"payload_base64\" is not base64";
    *payload = (struct rota_bytes){bytes, (int32_t)length};
    return NULL;
}

static const char *name_wrong(struct rota_outbox *o, const char *name)
{
    return rota_path_name_valid(o, name) ? NULL : "\"after\" holds a name that no task can have";
}

static const char *tag_wrong(struct rota_outbox *o, const char *tag)
{
    (void)o;
    return rota_spec_tag_wrong(tag);
}

typedef const char *(*check_f)(struct rota_outbox *o, const char *text);

static const char *read_texts(struct rota_outbox *o, const char *member, const json_t *value,
                              uint32_t most, check_f wrong, const char *const **list,
                              uint32_t *count)
{
    size_t n = json_array_size(value);
    const char **texts;

    if (!json_is_array(value) || n > most)
        return rota_outbox_text(o, "\"%s\" must be a list of at most %" PRIu32 " strings", member,
                                most);
    texts = rota_outbox_take(o, (n + 1) * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(value, i);
        const char *why;

        if (!json_is_string(one) || strlen(json_string_value(one)) != json_string_length(one))
            return rota_outbox_text(o, "\"%s\" must be a list of strings", member);
        why = wrong(o, json_string_value(one));
        if (why != NULL)
            return why;
        texts[i] = rota_outbox_text(o, "%s", json_string_value(one));
    }
    *list = texts;
    *count = (uint32_t)n;
    return NULL;
}

static const char *read_fatal(const json_t *value, uint8_t *fatal)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const json_t *one = json_array_get(value, i);
        json_int_t status = json_is_integer(one) ? json_integer_value(one) : 0;

        if (status < 1 || status > 255)
            return "\"fatal\" must hold exit statuses from 1 to 255";
        fatal[status / 8] |= (uint8_t)(1u << (status % 8));
    }
    return json_is_array(value) ? NULL : "\"fatal\" must be a list of exit statuses";
}

static const char *read_member(struct rota_outbox *o, const char *member, const json_t *value,
                               struct rota_spec *spec)
{
#define X(name, field, otherwise, least, most)                                                     \
    if (strcmp(member, name) == 0)                                                                 \
        return read_number(o, member, value, &spec->field, least, most);
    ROTA_SPEC_MAP(X)
#undef X
    if (strcmp(member, "rota") == 0)
        return NULL;
    if (strcmp(member, "payload") == 0 || strcmp(member, "payload_base64") == 0)
        return read_payload(o, member, value, &spec->payload);
    if (strcmp(member, "fatal") == 0)
        return read_fatal(value, spec->fatal);
    if (strcmp(member, "after") == 0)
        return read_texts(o, member, value, ROTA_SPEC_AFTER_MAX, name_wrong, &spec->after,
                          &spec->after_count);
    if (strcmp(member, "tags") == 0)
        return read_texts(o, member, value, ROTA_SPEC_TAGS_MAX, tag_wrong, &spec->tags,
                          &spec->tag_count);
    return rota_outbox_text(o, "\"%.64s\" is not a member of version %d", member,
                            ROTA_SPEC_VERSION);
}

static const char *read_object(struct rota_outbox *o, json_t *object, struct rota_spec *spec)
{
    const json_t *version = json_object_get(object, "rota");
    const char *member;
    json_t *value;

    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return "\"rota\" must be the number of a version";
    if (json_integer_value(version) > ROTA_SPEC_VERSION)
        return rota_outbox_text(
            o, "it has version %" JSON_INTEGER_FORMAT ", but this rota reads version %d",
            json_integer_value(version), ROTA_SPEC_VERSION);
    spec->payload = ROTA_NULL_BYTES;
    json_object_foreach(object, member, value)
    {
        const char *why = read_member(o, member, value, spec);

        if (why != NULL)
            return why;
    }
    if (spec->payload.length < 0)
        spec->payload = (struct rota_bytes){"", 0};
    return spec->backoff_cap_ms < spec->backoff_ms && spec->backoff_cap_ms != 0
               ? "\"backoff_cap_ms\" is below \"backoff_ms\""
               : NULL;
}

/* False if the payload cannot be a specification: other payloads, however large, are not parsed. */
static bool worth_parsing(struct rota_bytes data)
{
    static const char sign[] = "\"rota\"";
    const char *text = data.data;
    const char *end = data.length > 0 ? text + data.length : text;

    if (data.length < 1 || text[0] != '{')
        return false;
    while ((text = memchr(text, '"', (size_t)(end - text))) != NULL) {
        if ((size_t)(end - text) < sizeof sign - 1)
            return false;
        if (memcmp(text, sign, sizeof sign - 1) == 0)
            return true;
        text++;
    }
    return false;
}

/* Parses a payload; NULL if it is not JSON. */
static json_t *parse(struct rota_bytes data, size_t more_flags)
{
    json_error_t error;
    json_t *object = json_loadb(data.data, (size_t)data.length,
                                JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | more_flags, &error);

    if (object == NULL && json_error_code(&error) == json_error_out_of_memory)
        rota_pool_exhausted();
    return object;
}

const char *rota_spec_read(struct rota_outbox *o, struct rota_bytes data, struct rota_spec *spec)
{
    json_t *object;
    const char *why = NULL;

    rota_spec_init(spec, data);
    if (!worth_parsing(data))
        return NULL;
    json_object_seed(1); /* members in the same order in every process */
    object = parse(data, 0);
    if (object == NULL) { /* jansson reads whole numbers of more than 64 bits only as reals */
        object = parse(data, JSON_DECODE_INT_AS_REAL);
        why = "it holds a number that is too large";
    }
    if (json_object_get(object, "rota") != NULL) {
        why = why != NULL ? why : read_object(o, object, spec);
        if (why != NULL)
            rota_spec_init(spec, data);
        spec->given = true;
    } else {
        why = NULL;
    }
    json_decref(object);
    return why;
}

/* ---- writing ---- */

/* jansson returns NULL or -1 if it has no memory. The texts given to it are UTF-8: names and tags
 * were checked, base64 is ASCII. */
static void set_member(json_t *object, const char *member, json_t *value)
{
    if (json_object_set_new(object, member, value) != 0)
        rota_pool_exhausted();
}

static void append_element(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0)
        rota_pool_exhausted();
}

static void write_texts(json_t *object, const char *member, const char *const *texts,
                        uint32_t count)
{
    json_t *list = json_array();

    for (uint32_t i = 0; i < count; i++)
        append_element(list, json_string(texts[i]));
    if (count > 0)
        set_member(object, member, list);
    else
        json_decref(list);
}

static void write_fatal(json_t *object, const struct rota_spec *spec)
{
    json_t *list = json_array();

    for (int32_t status = 1; status < 256; status++)
        if (rota_spec_fatal(spec, status))
            append_element(list, json_integer(status));
    if (json_array_size(list) > 0)
        set_member(object, "fatal", list);
    else
        json_decref(list);
}

static bool only_defaults(const struct rota_spec *spec)
{
    for (size_t i = 0; i < sizeof spec->fatal; i++)
        if (spec->fatal[i] != 0)
            return false;
#define X(member, field, otherwise, least, most)                                                   \
    if (spec->field != (otherwise))                                                                \
        return false;
    ROTA_SPEC_MAP(X)
#undef X
    return spec->after_count == 0 && spec->tag_count == 0;
}

static void write_payload(struct rota_outbox *o, json_t *object, struct rota_bytes payload)
{
    size_t n = payload.length > 0 ? (size_t)payload.length : 0;
    json_t *text = n == 0 ? NULL : json_stringn(payload.data, n);
    char *base64;

    if (n == 0)
        return;
    if (text != NULL && memchr(payload.data, '\0', n) == NULL) {
        set_member(object, "payload", text);
        return;
    }
    json_decref(text);
    base64 = rota_outbox_take(o, ROTA_BASE64_TEXT_SIZE(n));
    rota_base64_encode(base64, ROTA_BASE64_TEXT_SIZE(n), payload.data, n);
    set_member(object, "payload_base64", json_string(base64));
}

/* The first text that the reader would refuse decides. */
static const char *texts_wrong(struct rota_outbox *o, const char *const *texts, uint32_t count,
                               check_f wrong)
{
    const char *why = NULL;

    for (uint32_t i = 0; i < count && why == NULL; i++)
        why = wrong(o, texts[i]);
    return why;
}

static struct rota_bytes write_object(struct rota_outbox *o, const struct rota_spec *spec)
{
    json_t *object;
    char *text;
    const char *copy;

    json_object_seed(1);
    object = json_object();
    set_member(object, "rota", json_integer(ROTA_SPEC_VERSION));
    write_payload(o, object, spec->payload);
#define X(member, field, otherwise, least, most)                                                   \
    if (spec->field != (otherwise))                                                                \
        set_member(object, member, json_integer(spec->field));
    ROTA_SPEC_MAP(X)
#undef X
    write_fatal(object, spec);
    write_texts(object, "after", spec->after, spec->after_count);
    write_texts(object, "tags", spec->tags, spec->tag_count);
    text = json_dumps(object, JSON_COMPACT);
    if (text == NULL)
        rota_pool_exhausted();
    copy = rota_outbox_text(o, "%s", text);
    free(text);
    json_decref(object);
    return (struct rota_bytes){copy, (int32_t)strlen(copy)};
}

const char *rota_spec_write(struct rota_outbox *o, const struct rota_spec *spec,
                            struct rota_bytes *data)
{
    const char *why = texts_wrong(o, spec->after, spec->after_count, name_wrong);

    if (why == NULL)
        why = texts_wrong(o, spec->tags, spec->tag_count, tag_wrong);
    if (why != NULL)
        *data = ROTA_NULL_BYTES;
    else
        *data = only_defaults(spec) ? spec->payload : write_object(o, spec);
    return why;
}
