#include "tests/unit/model/script/wording.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/base/assert.h"

enum { BYTES_SHOWN = 160, BYTES_OF_LONG = 24, OPERATIONS_SHOWN = 7 };

/* ---- bytes ---- */

static void put_bytes(struct script_text *t, struct rota_bytes b, bool whole)
{
    const char *bytes = b.data;
    int32_t shown = whole || b.length <= BYTES_SHOWN ? b.length : BYTES_OF_LONG;

    if (b.length < 0)
        return;
    script_print(t, " \"");
    for (int32_t i = 0; i < shown; i++)
        if (bytes[i] == '\n')
            script_print(t, "\\n");
        else if (bytes[i] == '\0')
            script_print(t, "\\0");
        else
            script_print(t, "%s%c", bytes[i] == '"' || bytes[i] == '\\' ? "\\" : "", bytes[i]);
    script_print(t, shown < b.length ? "...\"" : "\"");
    if (shown < b.length)
        script_print(t, " (%" PRId32 " bytes)", b.length);
}

void wording_bytes(struct script_text *t, struct rota_bytes b)
{
    put_bytes(t, b, false);
}

/* ---- requests ---- */

static const char *const ops[] = {"create",  "delete",   "set",   "check", "get",
                                  "exists",  "children", "multi", "sync",  "get_acl",
                                  "set_acl", "add_auth", "close"};
static const char *const modes[] = {"", " -e", " -s", " -e -s", " -c", " -t", " -t -s"};

static void put_operation(struct script_text *t, const struct rota_operation *o, bool whole)
{
    bool data = o->op == ROTA_OP_CREATE || o->op == ROTA_OP_SET;
    bool version = o->op == ROTA_OP_DELETE || o->op == ROTA_OP_SET || o->op == ROTA_OP_CHECK;

    script_print(t, "%s%s", ops[o->op], o->op == ROTA_OP_CREATE ? modes[o->mode] : "");
    if (o->path != NULL)
        script_print(t, " %s", o->path);
    if (data)
        put_bytes(t, o->data, whole);
    if (version && o->version != -1)
        script_print(t, " %" PRId32, o->version);
    if (o->watch)
        script_print(t, " watch");
}

void wording_request(struct script_text *t, const struct rota_request *r, bool whole)
{
    uint32_t shown = r->operation_count;

    if (r->operation.op != ROTA_OP_MULTI) {
        put_operation(t, &r->operation, whole);
        return;
    }
    if (!whole && shown > OPERATIONS_SHOWN)
        shown = OPERATIONS_SHOWN / 2;
    script_print(t, "multi {");
    for (uint32_t i = 0; i < shown; i++) {
        script_print(t, i == 0 ? " " : "; ");
        put_operation(t, &r->operations[i], whole);
    }
    if (shown < r->operation_count)
        script_print(t, "; and %" PRIu32 " more", r->operation_count - shown);
    script_print(t, " }");
}

struct rota_request wording_to_request(const struct script_line *l, uint32_t from)
{
    struct rota_request r = {.tag = (uint64_t)script_number(l, "tag", 0)};
    struct rota_operation *o = &r.operation;

    o->version = -1;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (strcmp(l->words[from].text, ops[i]) == 0)
            o->op = (enum rota_op)i;
    for (uint32_t i = from + 1; i < l->count; i++)
        if (l->words[i].text[0] == '/')
            o->path = l->words[i].text;
        else if (strcmp(l->words[i].text, "-e") == 0)
            o->mode = ROTA_MODE_EPHEMERAL;
        else if (strcmp(l->words[i].text, "watch") == 0)
            o->watch = true;
    o->data = script_data(l, from + 1);
    return r;
}

/* ---- outstanding requests ---- */

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);

    rota_assert(copy != NULL);
    memcpy(copy, text, size);
    return copy;
}

struct wording_outstanding wording_outstanding_open(const struct rota_request *r)
{
    struct wording_outstanding a = {
        .tag = r->tag, .op = r->operation.op, .count = r->operation_count};
    struct script_text t = {0};

    wording_request(&t, r, true);
    a.text = t.at;
    a.paths = calloc(a.count + 1u, sizeof *a.paths);
    rota_assert(a.paths != NULL);
    for (uint32_t i = 0; i < a.count; i++)
        a.paths[i] = copy_of(r->operations[i].path);
    return a;
}

void wording_outstanding_close(struct wording_outstanding *a)
{
    for (uint32_t i = 0; i < a->count; i++)
        free((void *)(uintptr_t)a->paths[i]);
    free((void *)(uintptr_t)a->paths);
    free(a->text);
}

static bool ends_word(char c)
{
    return c == '\0' || c == ' ' || c == ';';
}

bool wording_matches(const char *pattern, const struct wording_outstanding *a)
{
    size_t n = strcspn(pattern, " ");
    const char *rest = pattern + n + (pattern[n] == ' ');

    if (strncmp(pattern, a->text, n) != 0 || !ends_word(a->text[n]))
        return false;
    for (const char *s = strstr(a->text, rest); s != NULL; s = strstr(s + 1, rest))
        if (rest[0] == '\0' || (s[-1] == ' ' && ends_word(s[strlen(rest)])))
            return true;
    return false;
}

/* ---- replies ---- */

static int32_t code_of(const char *name)
{
    static const int32_t codes[] = {
#define X(code, number, class, sentence) number,
        ROTA_ERROR_MAP(X)
#undef X
    };

    if (strcmp(name, "ok") == 0)
        return ROTA_ERR_OK;
    if (strcmp(name, "unknown") == 0)
        return ROTA_ERR_CONNECTION_LOSS;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        if (strcmp(name, rota_error_name(codes[i])) == 0)
            return codes[i];
    fail_msg("`%s` is neither ok nor unknown nor an error's name", name);
    return 0;
}

static uint32_t refused_at(const struct script_line *l, const struct wording_outstanding *a)
{
    for (uint32_t i = 0; i + 1 < l->count; i++) {
        const char *where = l->words[i + 1].text;

        if (strcmp(l->words[i].text, "at") != 0)
            continue;
        for (uint32_t k = 0; k < a->count; k++)
            if (strcmp(a->paths[k], where) == 0)
                return k;
        if (where[0] == '/')
            fail_msg("the multi does not touch %s", where);
        return (uint32_t)strtoul(where, NULL, 10);
    }
    return UINT32_MAX;
}

static void put_results(struct rota_reply *r, uint32_t failed, const struct wording_outstanding *a,
                        struct rota_outbox *o)
{
    struct rota_result *results = rota_outbox_take(o, (a->count + 1u) * sizeof *results);

    for (uint32_t i = 0; i < a->count; i++)
        results[i] = (struct rota_result){.rc = i < failed    ? ROTA_ERR_OK
                                                : i == failed ? r->rc
                                                              : ROTA_ERR_INCONSISTENT,
                                          .stat = r->stat};
    r->results = results;
    r->result_count = a->count;
}

struct rota_reply *wording_to_reply(const struct script_line *l, uint32_t from,
                                    const struct wording_outstanding *a, struct rota_outbox *o,
                                    enum rota_outcome *outcome)
{
    struct rota_reply *r = rota_outbox_take(o, sizeof *r);
    uint32_t failed = refused_at(l, a);

    r->tag = a->tag;
    r->rc = code_of(l->words[from].text);
    *outcome = r->rc == ROTA_ERR_OK ? ROTA_DONE
               : r->rc == ROTA_ERR_CONNECTION_LOSS || r->rc == ROTA_ERR_OPERATION_TIMEOUT ||
                       r->rc == ROTA_ERR_CLOSING
                   ? ROTA_UNKNOWN
                   : ROTA_REFUSED;
    r->data = script_data(l, from + 1);
    r->children = l->list;
    r->child_count = l->list_count;
    r->stat.czxid = script_number(l, "czxid", 0);
    r->stat.mzxid = script_number(l, "mzxid", r->stat.czxid);
    r->stat.ctime_ms = script_number(l, "ctime", 0);
    r->stat.mtime_ms = script_number(l, "mtime", r->stat.ctime_ms);
    r->stat.version = (int32_t)script_number(l, "version", 0);
    r->stat.ephemeral_owner = script_number(l, "owner", 0);
    r->stat.num_children = (int32_t)script_number(l, "children", 0);
    r->stat.cversion = (int32_t)script_number(l, "cversion", r->stat.num_children);
    r->stat.data_length = (int32_t)script_number(l, "length", 0);
    if (a->op == ROTA_OP_MULTI && (*outcome == ROTA_DONE || failed != UINT32_MAX))
        put_results(r, failed, a, o);
    return r;
}

/* ---- the handle's session ---- */

bool wording_to_session(const struct script_line *l, struct rota_handle_event *e)
{
    static const struct {
        const char *word;
        enum rota_session_state state;
    } states[] = {
        {"connected", ROTA_SESSION_CONNECTED}, {"disconnected", ROTA_SESSION_DISCONNECTED},
        {"expired", ROTA_SESSION_EXPIRED},     {"auth_failed", ROTA_SESSION_AUTH_FAILED},
        {"closed", ROTA_SESSION_CLOSED},       {"unreachable", ROTA_SESSION_UNREACHABLE},
    };

    e->kind = ROTA_HANDLE_SESSION;
    e->session.client_id.id = script_number(l, "session", 7);
    e->session.timeout_ms = (uint32_t)(script_duration(script_value(l, "timeout", "10s")) / 1000);
    e->session.acknowledged = script_has(l, "acknowledged");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (script_has(l, states[i].word)) {
            e->session.state = states[i].state;
            return true;
        }
    }
    return false;
}

/* ---- actions ---- */

static void put_job(struct script_text *t, const struct rota_action *a)
{
    static const char *const words[] = {"named", "result", "collected", "progress"};

    script_print(t, "%s job %" PRIu64 " %s", words[a->kind - ROTA_ACTION_NAMED], a->job.job,
                 a->job.name);
    if (a->kind == ROTA_ACTION_PROGRESS)
        script_print(t, " (%s)", a->job.reason);
    if (a->kind != ROTA_ACTION_RESULT)
        return;
    script_print(t, " %.40s", a->job.state);
    if (a->job.reason[0] != '\0')
        script_print(t, " (%s)", a->job.reason);
    wording_bytes(t, a->job.output);
    if (a->job.errors.length > 0) {
        script_print(t, " errors");
        wording_bytes(t, a->job.errors);
    }
}

static void put_row(struct script_text *t, const struct rota_action *a)
{
    script_print(t, "row %s", a->row.kind);
    for (size_t i = 0; i < sizeof a->row.cells / sizeof *a->row.cells; i++)
        if (a->row.cells[i] != NULL)
            script_print(t, " \"%s\"", a->row.cells[i]);
    for (size_t i = 0; i < sizeof a->row.numbers / sizeof *a->row.numbers; i++)
        script_print(t, " %" PRId64, a->row.numbers[i]);
}

static void put_note(struct script_text *t, const struct rota_note *note)
{
    char text[160];

    rota_note_format(note, text, sizeof text);
    script_print(t, "note %s", text);
}

static void put_run(struct script_text *t, const struct rota_action *a)
{
    script_print(t, "run %" PRIu64 ": %s on %s, attempt %" PRIu32 ", fence %" PRId64 ",",
                 a->run.run, a->run.task, a->run.worker, a->run.attempt, a->run.fence);
    wording_bytes(t, a->run.payload);
}

void wording_action(struct script_text *t, const struct rota_action *a)
{
    switch (a->kind) {
    case ROTA_ACTION_OPEN:
        script_print(t, "open a handle");
        if (a->open.take_over)
            script_print(t, " for session %" PRId64, a->open.client_id.id);
        break;
    case ROTA_ACTION_REQUEST:
        wording_request(t, &a->request, false);
        break;
    case ROTA_ACTION_RESTART:
        script_print(t, "restart the session");
        break;
    case ROTA_ACTION_EXIT:
        script_print(t, "exit %d", a->exit.status);
        if (a->exit.sentence != NULL)
            script_print(t, ": %s", a->exit.sentence);
        break;
    case ROTA_ACTION_NOTE:
        put_note(t, &a->note);
        break;
    case ROTA_ACTION_RUN:
        put_run(t, a);
        break;
    case ROTA_ACTION_CANCEL:
        script_print(t, "cancel run %" PRIu64 "%s", a->cancel.run,
                     a->cancel.at_once ? " at once" : "");
        break;
    case ROTA_ACTION_LEASE:
        script_print(t, "lease until %.3fs", (double)a->lease.until / 1e6);
        break;
    case ROTA_ACTION_NAMED:
    case ROTA_ACTION_RESULT:
    case ROTA_ACTION_COLLECTED:
    case ROTA_ACTION_PROGRESS:
        put_job(t, a);
        break;
    case ROTA_ACTION_ROW:
        put_row(t, a);
        break;
    }
    script_print(t, "\n");
}
