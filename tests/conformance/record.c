#include "tests/conformance/record.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

/* ---- lines ---- */

static void lines_add(struct lines *l, const struct text *t, int watch)
{
    l->at = rota_memory_extend(l->at, l->count, &l->capacity, sizeof *l->at);
    l->at[l->count++] = (struct line){rota_memory_text(text_of(t)), watch};
}

void lines_truncate(struct lines *l, uint32_t kept)
{
    while (l->count > kept)
        free(l->at[--l->count].text);
}

void lines_clear(struct lines *l)
{
    lines_truncate(l, 0);
}

void record_note(struct subject *s, const struct peer *p, const char *text)
{
    rota_time since = p->backend->ops->now(p->backend) - s->began;

    text_add(&s->journal, "  %9.3f  %u: %s\n", (double)since / 1e6, (unsigned)(p - s->peers), text);
}

void record_add(struct subject *s, struct peer *p, const struct text *t, int watch)
{
    record_note(s, p, text_of(t));
    lines_add(&p->lines, t, watch);
}

/* Session ids differ between servers: a session is named by the order of opening. */
static uint32_t session_name(struct subject *s, int64_t id)
{
    if (id == 0)
        return 0;
    for (uint32_t i = s->session_count; i > 0; i--)
        if (s->sessions[i - 1] == id)
            return i;
    s->sessions = rota_memory_extend(s->sessions, s->session_count, &s->session_capacity,
                                     sizeof *s->sessions);
    s->sessions[s->session_count++] = id;
    return s->session_count;
}

static void add_stat(struct subject *s, struct text *t, const struct rota_stat *stat)
{
    text_add(t, " [c%" PRId64 " m%" PRId64 " p%" PRId64 " v%d cv%d av%d", stat->czxid, stat->mzxid,
             stat->pzxid, stat->version, stat->cversion, stat->aversion);
    text_add(t, " owner%u len%d children%d]", session_name(s, stat->ephemeral_owner),
             stat->data_length, stat->num_children);
}

static void add_path(struct text *t, const char *path)
{
    text_add(t, " ");
    if (path == NULL)
        text_add(t, "(no path)");
    else
        text_add_bytes(t, path, strlen(path));
}

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_children(struct text *t, const struct rota_reply *r)
{
    const char **names = rota_memory_zeroed(r->child_count + 1, sizeof *names);

    if (r->child_count > 0)
        memcpy(names, r->children, r->child_count * sizeof *names);
    qsort(names, r->child_count, sizeof *names, compare_texts);
    text_add(t, " {");
    for (uint32_t i = 0; i < r->child_count; i++)
        add_path(t, names[i]);
    text_add(t, " }");
    free(names);
}

static void add_acl(struct text *t, const struct rota_reply *r)
{
    for (uint32_t i = 0; i < r->acl_count; i++) {
        text_add(t, " %s:", r->acl[i].scheme);
        text_add_bytes(t, r->acl[i].id, strlen(r->acl[i].id));
        text_add(t, ":%" PRId32, (int32_t)r->acl[i].perms);
    }
}

/* Whether the outcome is known: only then the operations of a multi have codes of their own. */
static bool is_known(int32_t rc)
{
    return rc != ROTA_ERR_CONNECTION_LOSS && rc != ROTA_ERR_OPERATION_TIMEOUT &&
           rc != ROTA_ERR_CLOSING && rc != ROTA_ERR_SESSION_EXPIRED &&
           rc != ROTA_ERR_INVALID_STATE && rc != ROTA_ERR_AUTH_FAILED;
}

static void add_results(struct subject *s, struct text *t, const struct command *c,
                        const struct rota_reply *r)
{
    const struct rota_result *former = NULL;

    for (uint32_t i = 0; is_known(r->rc) && i < r->result_count; i++) {
        const struct rota_result *one = &r->results[i];

        if (former != NULL && r->rc != ROTA_ERR_OK && one->rc == former->rc)
            continue; /* of equal codes in a row, the first is enough */
        former = one;
        text_add(t, " | %u %s", i, rota_error_name(one->rc));
        if (r->rc == ROTA_ERR_OK && c->parts[i].op == ROTA_OP_CREATE)
            add_path(t, one->path);
        if (r->rc == ROTA_ERR_OK && c->parts[i].op == ROTA_OP_SET)
            add_stat(s, t, &one->stat);
    }
    if (is_known(r->rc))
        text_add(t, " = %u", r->result_count);
}

static void add_body(struct subject *s, struct text *t, const struct command *c,
                     const struct rota_reply *r)
{
    if (c->op == ROTA_OP_MULTI)
        add_results(s, t, c, r);
    if (r->rc != ROTA_ERR_OK)
        return;
    if (c->op == ROTA_OP_CREATE || c->op == ROTA_OP_SYNC)
        add_path(t, r->path);
    if (c->op == ROTA_OP_GET) {
        text_add(t, " %d:", r->data.length);
        text_add_bytes(t, r->data.data, r->data.length < 0 ? 0 : (size_t)r->data.length);
    }
    if (c->op == ROTA_OP_CHILDREN)
        add_children(t, r);
    if (c->op == ROTA_OP_GET_ACL)
        add_acl(t, r);
    if (c->op == ROTA_OP_GET || c->op == ROTA_OP_EXISTS || c->op == ROTA_OP_SET ||
        c->op == ROTA_OP_CHILDREN || c->op == ROTA_OP_GET_ACL)
        add_stat(s, t, &r->stat);
}

/* Whether the library answers this at a time of its own, so that the answer may overtake others: a
 * request that the library itself refuses, credentials (S88), a multi without a connection (S44).
 */
static bool is_aside(const struct command *c, const struct rota_reply *r)
{
    return c->op == ROTA_OP_ADD_AUTH || c->op == ROTA_OP_CHECK || r->rc == ROTA_ERR_INVALID_STATE ||
           (r->rc == ROTA_ERR_BAD_ARGUMENTS && (c->op != ROTA_OP_MULTI || r->result_count == 0)) ||
           (c->op == ROTA_OP_MULTI && r->rc == ROTA_ERR_CONNECTION_LOSS);
}

static void record_reply(struct subject *s, struct peer *p, const struct rota_reply *r)
{
    const struct command *c;
    struct text t = {0};

    if (r->tag == TAG_WAKE)
        return;
    s->disturbances += r->rc == ROTA_ERR_SESSION_EXPIRED;
    p->rc = r->rc;
    p->seen = r->stat.cversion + r->stat.version;
    if (p->outstanding > 0)
        p->outstanding--;
    if (r->tag >= TAG_FENCE) {
        text_add(&t, "fence: %s", rota_error_name(r->rc));
        if (r->rc != ROTA_ERR_OK && r->tag == TAG_FENCE)
            record_add(s, p, &t, 0);
        text_close(&t);
        return;
    }
    rota_assert(r->tag < GROUP_MOST);
    c = p->sent[r->tag];
    if (c == NULL) {
        text_add(&t, "#%" PRIu64 " answered twice", r->tag);
        record_add(s, p, &t, 0);
        text_close(&t);
        return;
    }
    p->sent[r->tag] = NULL;
    text_add(&t, "#%" PRIu64 " %s", r->tag + 1, rota_error_name(r->rc));
    add_body(s, &t, c, r);
    if (c->op == ROTA_OP_ADD_AUTH && r->rc == ROTA_ERR_AUTH_FAILED)
        p->auth_refused = true;
    if (is_aside(c, r)) {
        record_note(s, p, text_of(&t));
        lines_add(&p->aside, &t, 0);
    } else {
        record_add(s, p, &t, 0);
    }
    text_close(&t);
}

static void record_session(struct subject *s, struct peer *p, const struct rota_handle_event *e)
{
    static const char *const names[] = {"CONNECTED",   "DISCONNECTED", "EXPIRED",
                                        "AUTH_FAILED", "CLOSED",       "UNREACHABLE"};
    static const enum peer_state states[] = {PEER_UP,   PEER_DOWN,   PEER_DEAD,
                                             PEER_DEAD, PEER_CLOSED, PEER_DEAD};
    struct text t = {0};

    if (p->state == PEER_CLOSED)
        return;
    p->state = states[e->session.state];
    p->losses += e->session.state == ROTA_SESSION_DISCONNECTED;
    s->disturbances += (e->session.state == ROTA_SESSION_DISCONNECTED && !p->cut) ||
                       e->session.state == ROTA_SESSION_EXPIRED;
    text_add(&t, "session %s", names[e->session.state]);
    if (e->session.state == ROTA_SESSION_CONNECTED) {
        p->client_id = e->session.client_id;
        p->timeout_ms = e->session.timeout_ms;
        text_add(&t, " s%u %u ms", session_name(s, p->client_id.id), e->session.timeout_ms);
    }
    if (e->session.state == ROTA_SESSION_CLOSED) /* a close may lose earlier events (S84) */
        lines_truncate(&p->lines, p->kept);
    record_add(s, p, &t, 0);
    text_close(&t);
}

static void record_event(struct subject *s, struct peer *p, const struct rota_handle_event *e)
{
    static const char *const kinds[] = {"?", "CREATED", "DELETED", "CHANGED", "CHILD"};
    struct text t = {0};

    if (e->handle != p->handle)
        return;
    if (e->kind == ROTA_HANDLE_REPLY) {
        record_reply(s, p, &e->reply);
    } else if (e->kind == ROTA_HANDLE_SESSION) {
        record_session(s, p, e);
    } else {
        text_add(&t, "watch %s", kinds[e->watch.kind]);
        add_path(&t, e->watch.path);
        record_add(s, p, &t, (int)e->watch.kind);
        text_close(&t);
    }
}

void record_events(struct subject *s)
{
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        struct peer *p = &s->peers[i];
        struct rota_handle_event e;

        while (p->backend != NULL && p->backend->ops->next(p->backend, &e))
            record_event(s, p, &e);
    }
}

/* ---- lines without an order ---- */

static int compare_lines(const void *a, const void *b)
{
    return strcmp(((const struct line *)a)->text, ((const struct line *)b)->text);
}

/* The end of the run of watch events that begins at `i`; with `same`, of events of one kind. */
static uint32_t run_end(const struct lines *l, uint32_t i, bool same)
{
    uint32_t end = i;

    while (end < l->count && l->at[end].watch != 0 && (!same || l->at[end].watch == l->at[i].watch))
        end++;
    return end;
}

static void sort(struct lines *l, uint32_t from, uint32_t to)
{
    if (to > from)
        qsort(&l->at[from], to - from, sizeof *l->at, compare_lines);
}

/* Watches that were set again fire list after list, and in any order within a list (S58). DELETED
 * may belong to two lists, so these lines go to the front; then each run of one kind is sorted. */
static void sort_renewed(struct lines *l, uint32_t from, uint32_t to)
{
    uint32_t kept = from;

    for (uint32_t at = from; at < to; at++) {
        struct line one = l->at[at];

        if (one.watch != ROTA_WATCH_DELETED)
            continue;
        memmove(&l->at[kept + 1], &l->at[kept], (at - kept) * sizeof one);
        l->at[kept++] = one;
    }
    sort(l, from, kept);
    for (uint32_t at = kept, end; at < to; at = end) {
        end = run_end(l, at, true);
        sort(l, at, end);
    }
}

/* Sorts the lines without an order: the ephemerals of a session that has ended (S62), and watches
 * that were set again. */
static void sort_events(const struct subject *s, struct lines *l)
{
    for (uint32_t i = 0, end; i < l->count; i = end + 1) {
        bool renewed = i > 0 && strstr(l->at[i - 1].text, "session CONNECTED") != NULL;

        end = run_end(l, i, false);
        if (s->ended)
            sort(l, i, end);
        else if (renewed)
            sort_renewed(l, i, end);
    }
}

void record_print(struct subject *s)
{
    for (uint32_t i = 0; i < PEERS_MOST; i++) {
        struct peer *p = &s->peers[i];

        sort(&p->aside, 0, p->aside.count);
        sort_events(s, &p->lines);
        for (uint32_t l = 0; l < p->lines.count; l++)
            text_add(&s->text, "  %u: %s\n", i, p->lines.at[l].text);
        for (uint32_t l = 0; l < p->aside.count; l++)
            text_add(&s->text, "  %u: %s\n", i, p->aside.at[l].text);
        lines_truncate(&p->lines, 0);
        lines_truncate(&p->aside, 0);
    }
    s->ended = false;
}
