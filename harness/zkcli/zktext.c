#include "harness/zkcli/zktext.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/base/assert.h"
#include "model/base/utf8.h"
#include "system/memory.h"

/* ---- growing ---- */

static char *room_for(struct rota_zktext *t, size_t length)
{
    size_t wanted = t->length + length + 1;

    if (wanted > t->capacity) {
        t->capacity = 2 * wanted;
        t->data = rota_memory_grow(t->data, t->capacity);
    }
    return t->data + t->length;
}

void rota_zktext_add(struct rota_zktext *t, const void *bytes, size_t length)
{
    char *place = room_for(t, length);

    if (length > 0)
        memcpy(place, bytes, length);
    place[length] = '\0';
    t->length += length;
}

void rota_zktext_print(struct rota_zktext *t, const char *format, ...)
{
    va_list arguments;
    va_list again;
    int length;

    va_start(arguments, format);
    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    rota_assert(length >= 0);
    vsnprintf(room_for(t, (size_t)length), (size_t)length + 1, format, again);
    t->length += (size_t)length;
    va_end(again);
    va_end(arguments);
}

void rota_zktext_close(struct rota_zktext *t)
{
    free(t->data);
    *t = (struct rota_zktext){0};
}

/* ---- answers ---- */

static void print_time(struct rota_zktext *t, const char *name, int64_t time_ms)
{
    time_t seconds = (time_t)(time_ms / 1000);
    struct tm parts;
    char text[64];

    localtime_r(&seconds, &parts);
    strftime(text, sizeof text, "%a %b %d %H:%M:%S %Z %Y", &parts);
    rota_zktext_print(t, "%s = %s\n", name, text);
}

void rota_zktext_stat(struct rota_zktext *t, const struct rota_stat *s)
{
    rota_zktext_print(t, "cZxid = 0x%" PRIx64 "\n", (uint64_t)s->czxid);
    print_time(t, "ctime", s->ctime_ms);
    rota_zktext_print(t, "mZxid = 0x%" PRIx64 "\n", (uint64_t)s->mzxid);
    print_time(t, "mtime", s->mtime_ms);
    rota_zktext_print(t, "pZxid = 0x%" PRIx64 "\n", (uint64_t)s->pzxid);
    rota_zktext_print(t, "cversion = %" PRId32 "\n", s->cversion);
    rota_zktext_print(t, "dataVersion = %" PRId32 "\n", s->version);
    rota_zktext_print(t, "aclVersion = %" PRId32 "\n", s->aversion);
    rota_zktext_print(t, "ephemeralOwner = 0x%" PRIx64 "\n", (uint64_t)s->ephemeral_owner);
    rota_zktext_print(t, "dataLength = %" PRId32 "\n", s->data_length);
    rota_zktext_print(t, "numChildren = %" PRId32 "\n", s->num_children);
}

void rota_zktext_names(struct rota_zktext *t, const char *const *names, uint32_t count)
{
    rota_zktext_print(t, "[");
    for (uint32_t i = 0; i < count; i++)
        rota_zktext_print(t, "%s%s", i > 0 ? ", " : "", names[i]);
    rota_zktext_print(t, "]\n");
}

void rota_zktext_data(struct rota_zktext *t, struct rota_bytes data)
{
    const unsigned char *p = data.data;
    size_t left = data.length > 0 ? (size_t)data.length : 0;

    if (data.length < 0)
        rota_zktext_print(t, "null");
    while (left > 0) {
        size_t wrong;
        size_t length = rota_utf8_character(p, left, &wrong);

        if (length > 0)
            rota_zktext_add(t, p, length);
        else
            rota_zktext_print(t, "\xef\xbf\xbd");
        p += length > 0 ? length : wrong;
        left -= length > 0 ? length : wrong;
    }
    rota_zktext_print(t, "\n");
}

/* A text as ZooKeeper's records print it. */
static void print_escaped(struct rota_zktext *t, const char *text)
{
    rota_zktext_print(t, "'");
    for (; *text != '\0'; text++)
        if (strchr("\n\r,}%", *text) != NULL)
            rota_zktext_print(t, "%%%02x", (unsigned)*text);
        else
            rota_zktext_add(t, text, 1);
}

void rota_zktext_acl(struct rota_zktext *t, const struct rota_acl *acl, uint32_t count)
{
    static const struct {
        char letter;
        uint32_t perm;
    } order[] = {{'c', ROTA_PERM_CREATE},
                 {'d', ROTA_PERM_DELETE},
                 {'r', ROTA_PERM_READ},
                 {'w', ROTA_PERM_WRITE},
                 {'a', ROTA_PERM_ADMIN}};

    for (uint32_t i = 0; i < count; i++) {
        print_escaped(t, acl[i].scheme);
        rota_zktext_print(t, ",");
        print_escaped(t, acl[i].id);
        rota_zktext_print(t, "\n: ");
        for (size_t k = 0; k < sizeof order / sizeof *order; k++)
            if ((acl[i].perms & order[k].perm) != 0)
                rota_zktext_add(t, &order[k].letter, 1);
        rota_zktext_print(t, "\n");
    }
}

/* ---- refusals ---- */

/* The Java client has one code for a lost connection where the C client has three. */
static const char *code_name(int32_t rc)
{
    switch (rc) {
    case ROTA_ERR_INCONSISTENT:
        return "RuntimeInconsistency";
    case ROTA_ERR_CONNECTION_LOSS:
    case ROTA_ERR_OPERATION_TIMEOUT:
    case ROTA_ERR_CLOSING:
        return "ConnectionLoss";
    case ROTA_ERR_MARSHALLING:
        return "MarshallingError";
    case ROTA_ERR_UNIMPLEMENTED:
        return "Unimplemented";
    case ROTA_ERR_BAD_ARGUMENTS:
        return "BadArguments";
    case ROTA_ERR_NO_AUTH:
        return "NoAuth";
    case ROTA_ERR_NO_NODE:
        return "NoNode";
    case ROTA_ERR_BAD_VERSION:
        return "BadVersion";
    case ROTA_ERR_INVALID_STATE:
    case ROTA_ERR_SESSION_EXPIRED:
        return "Session expired";
    case ROTA_ERR_INVALID_ACL:
        return "InvalidACL";
    case ROTA_ERR_AUTH_FAILED:
        return "AuthFailed";
    case ROTA_ERR_SESSION_MOVED:
        return "Session moved";
    case ROTA_ERR_QUOTA_EXCEEDED:
        return "Quota has exceeded";
    default:
        return NULL;
    }
}

void rota_zktext_code(struct rota_zktext *t, int32_t rc, const char *path)
{
    const char *name = code_name(rc);

    if (name != NULL)
        rota_zktext_print(t, "KeeperErrorCode = %s", name);
    else
        rota_zktext_print(t, "KeeperErrorCode = Unknown error %" PRId32, rc);
    if (path != NULL)
        rota_zktext_print(t, " for %s", path);
    rota_zktext_print(t, "\n");
}

void rota_zktext_refusal(struct rota_zktext *t, int32_t rc, const char *path)
{
    static const struct {
        int32_t rc;
        const char *words;
    } sentences[] = {
        {ROTA_ERR_NO_NODE, "Node does not exist"},
        {ROTA_ERR_NO_CHILDREN_FOR_EPHEMERALS, "Ephemerals cannot have children"},
        {ROTA_ERR_NODE_EXISTS, "Node already exists"},
        {ROTA_ERR_NOT_EMPTY, "Node not empty"},
        {ROTA_ERR_INVALID_ACL, "Acl is not valid "},
        {ROTA_ERR_NO_AUTH, "Insufficient permission "},
        {ROTA_ERR_BAD_ARGUMENTS, "Arguments are not valid "},
        {ROTA_ERR_BAD_VERSION, "version No is not valid "},
        {ROTA_ERR_QUOTA_EXCEEDED, "Quota has exceeded "},
    };

    for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
        if (sentences[i].rc == rc) {
            rota_zktext_print(t, "%s: %s\n", sentences[i].words, path != NULL ? path : "null");
            return;
        }
    rota_zktext_code(t, rc, path);
}

/* ---- events ---- */

void rota_zktext_event(struct rota_zktext *t, const char *state, const char *type, const char *path)
{
    rota_zktext_print(t, "\nWATCHER::\n\nWatchedEvent state:%s type:%s path:%s\n", state, type,
                      path != NULL ? path : "null");
}

const char *rota_zktext_watch_name(enum rota_watch_kind kind)
{
    switch (kind) {
    case ROTA_WATCH_CREATED:
        return "NodeCreated";
    case ROTA_WATCH_DELETED:
        return "NodeDeleted";
    case ROTA_WATCH_CHANGED:
        return "NodeDataChanged";
    case ROTA_WATCH_CHILD:
        return "NodeChildrenChanged";
    }
    return "None";
}

/* ---- paths ---- */

/* Characters that the Java client refuses: control characters, those that need more than one unit
 * of UTF-16, and those without a fixed meaning there. */
static bool character_refused(const unsigned char *p, size_t length)
{
    unsigned value;

    if (length == 0 || length == 4)
        return true;
    if (length == 1)
        return p[0] <= 0x1f || p[0] == 0x7f;
    if (length == 2)
        return p[0] == 0xc2 && p[1] <= 0x9f;
    value = (p[0] & 0xfu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu);
    return (value >= 0xd800 && value <= 0xf8ff) || value >= 0xfff0;
}

/* Why the path is refused at byte `i`, which is not the first; NULL if it is not. */
static const char *reason_at(const char *p, size_t i, size_t length, size_t *width)
{
    bool ends = i + 1 == length || p[i + 1] == '/';

    *width = rota_utf8_character(p + i, length - i, NULL);
    if (p[i] == '\0')
        return "null character not allowed";
    if (p[i] == '/')
        return p[i - 1] == '/' ? "empty node name specified" : NULL;
    if (p[i] == '.' && ends && (p[i - 1] == '/' || (p[i - 1] == '.' && p[i - 2] == '/')))
        return "relative paths not allowed";
    return character_refused((const unsigned char *)p + i, *width) ? "invalid character" : NULL;
}

static bool elements_check(struct rota_zktext *t, const char *path, size_t length)
{
    size_t index = 1; /* in characters, as Java counts */
    size_t width;

    for (size_t i = 1; i < length; i += width, index++) {
        const char *reason = reason_at(path, i, length, &width);

        if (reason == NULL)
            continue;
        rota_zktext_print(t, "Invalid path string \"");
        rota_zktext_add(t, path, length);
        rota_zktext_print(t, "\" caused by %s @%zu\n", reason, index);
        return false;
    }
    return true;
}

static bool whole_check(struct rota_zktext *t, const char *path, size_t length)
{
    const char *sentence = NULL;

    if (length == 0)
        sentence = "Path length must be > 0";
    else if (path[0] != '/')
        sentence = "Path must start with / character";
    else if (length > 1 && path[length - 1] == '/')
        sentence = "Path must not end with / character";
    if (sentence == NULL)
        return elements_check(t, path, length);
    rota_zktext_print(t, "%s\n", sentence);
    return false;
}

bool rota_zktext_path_check(struct rota_zktext *t, const char *path, size_t length, bool sequential)
{
    struct rota_zktext whole = {0};
    bool is_valid;

    rota_zktext_add(&whole, path, length);
    if (sequential)
        rota_zktext_print(&whole, "1");
    is_valid = whole_check(t, whole.data, whole.length);
    rota_zktext_close(&whole);
    return is_valid;
}

/* ---- access lists ---- */

static uint32_t perms_read(struct rota_zktext *t, const char *text)
{
    static const char letters[] = "rwcda"; /* in the order of the bits */
    uint32_t perms = 0;

    for (; *text != '\0'; text++) {
        const char *letter = strchr(letters, *text);

        if (letter != NULL)
            perms |= 1u << (letter - letters);
        else
            rota_zktext_print(t, "Unknown perm type: %c\n", *text);
    }
    return perms;
}

static bool entry_read(struct rota_zktext *t, char *text, struct rota_acl *entry)
{
    char *first = strchr(text, ':');
    char *last = strrchr(text, ':');

    if (first == last) {
        rota_zktext_print(t, "%s does not have the form scheme:id:perm\n", text);
        return false;
    }
    *first = '\0';
    *last = '\0';
    *entry = (struct rota_acl){perms_read(t, last + 1), text, first + 1};
    return true;
}

uint32_t rota_zktext_acl_read(struct rota_zktext *t, char *text, struct rota_acl *acl)
{
    uint32_t count = 0;
    size_t length = strlen(text);
    bool empty = length == 0;

    while (length > 0 && text[length - 1] == ',') /* Java drops empty entries at the end */
        text[--length] = '\0';
    if (length == 0 && !empty)
        return 0;
    for (char *entry = text; entry != NULL;) {
        char *comma = strchr(entry, ',');

        if (comma != NULL)
            *comma = '\0';
        if (entry_read(t, entry, &acl[count]))
            count++;
        entry = comma != NULL ? comma + 1 : NULL;
    }
    return count;
}
