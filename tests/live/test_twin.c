/* The server of backend_sim beside a real one: the same random work, done by two handles on each,
 * must read the same, line by line: result codes, names, data, every field of a Stat but the times,
 * zxids to the number, each result of a multi, and the watch events in their order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "backend_sim/embedded.h"
#include "backend_zk/zk.h"
#include "tests/live/zkserver.h"

enum { HANDLES = 2, STEPS = 6000, BOUND_US = 30000000, SESSION_MS = 20000, TEXT = 65536, OPS = 5 };

/* One of the two systems: its handles, and what they have said during this step. */
struct system {
    struct rota_backend *handles[HANDLES];
    int64_t sessions[HANDLES];
    int bell;
    char *text;
    size_t length;
};

struct twin {
    struct rota_zkserver server;
    struct rota_embedded_tree *tree;
    struct system real, ours;
    uint64_t random;
    char paths[OPS + 1][64];
};

static void ring(void *context)
{
    const struct system *s = context;
    uint64_t one = 1;

    (void)!write(s->bell, &one, sizeof one);
}

/* ---- what is said ---- */

__attribute__((format(printf, 2, 3))) static void say(struct system *s, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(s->text + s->length, TEXT - s->length, format, args);
    va_end(args);
    assert_true(n >= 0 && s->length + (size_t)n < TEXT);
    s->length += (size_t)n;
}

/* Sessions differ in their ids: an owner is named by its handle. */
static int owner_name(const struct system *s, int64_t owner)
{
    for (int i = 0; i < HANDLES; i++)
        if (owner == s->sessions[i])
            return i + 1;
    return owner == 0 ? 0 : -1;
}

static void say_stat(struct system *s, const struct rota_stat *t)
{
    say(s, " [%" PRId64 " %" PRId64 " %" PRId64 " v%d c%d a%d o%d l%d n%d]", t->czxid, t->mzxid,
        t->pzxid, t->version, t->cversion, t->aversion, owner_name(s, t->ephemeral_owner),
        t->data_length, t->num_children);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void say_children(struct system *s, const struct rota_reply *r)
{
    const char **names = calloc(r->child_count + 1, sizeof *names);

    for (uint32_t i = 0; i < r->child_count; i++)
        names[i] = r->children[i];
    qsort(names, r->child_count, sizeof *names, compare_names);
    for (uint32_t i = 0; i < r->child_count; i++)
        say(s, " %s", names[i]);
    free(names);
}

static bool has_stat(enum rota_op op)
{
    return op == ROTA_OP_GET || op == ROTA_OP_EXISTS || op == ROTA_OP_SET ||
           op == ROTA_OP_CHILDREN || op == ROTA_OP_GET_ACL;
}

static void say_reply(struct system *s, const struct rota_request *q, const struct rota_reply *r)
{
    say(s, "%s", rota_error_name(r->rc));
    for (uint32_t i = 0; i < r->result_count; i++) {
        say(s, " %s", rota_error_name(r->results[i].rc));
        if (r->rc == ROTA_ERR_OK && q->operations[i].op == ROTA_OP_SET)
            say_stat(s, &r->results[i].stat);
        if (r->rc == ROTA_ERR_OK && q->operations[i].op == ROTA_OP_CREATE)
            say(s, " %s", r->results[i].path);
    }
    if (r->rc == ROTA_ERR_OK && has_stat(q->operation.op))
        say_stat(s, &r->stat);
    if (r->rc == ROTA_ERR_OK && q->operation.op == ROTA_OP_CREATE)
        say(s, " %s", r->path);
    if (r->rc == ROTA_ERR_OK && q->operation.op == ROTA_OP_GET)
        say(s, " %d:%.*s", r->data.length, r->data.length < 0 ? 0 : r->data.length,
            r->data.data == NULL ? "" : (const char *)r->data.data);
    say_children(s, r);
    for (uint32_t i = 0; i < r->acl_count; i++)
        say(s, " %u:%s:%s", r->acl[i].perms, r->acl[i].scheme, r->acl[i].id);
    say(s, "\n");
}

static void next_event(struct system *s, int handle, struct rota_handle_event *e)
{
    struct rota_backend *b = s->handles[handle];
    rota_time bound = b->ops->now(b) + BOUND_US;
    struct pollfd bell = {.fd = s->bell, .events = POLLIN};
    uint64_t rings;

    while (!b->ops->next(b, e)) {
        if (b->ops->now(b) > bound)
            fail_msg("%s has fallen silent", b->ops->name);
        poll(&bell, 1, 100);
        (void)!read(s->bell, &rings, sizeof rings);
    }
}

/* Hears a handle out until its request is answered. */
static void hear(struct system *s, int handle, const struct rota_request *q)
{
    struct rota_handle_event e;

    for (;;) {
        next_event(s, handle, &e);
        say(s, "%d ", handle);
        if (e.kind == ROTA_HANDLE_REPLY) {
            say_reply(s, q, &e.reply);
            return;
        }
        if (e.kind == ROTA_HANDLE_WATCH)
            say(s, "event %d %s\n", (int)e.watch.kind, e.watch.path);
        else
            say(s, "session %d\n", (int)e.session.state);
    }
}

static void ask(struct system *s, int handle, const struct rota_request *q)
{
    struct rota_backend *b = s->handles[handle];

    b->ops->request(b, q);
    hear(s, handle, q);
}

/* Asks one handle, then hears what the others were told meanwhile: nothing comes after a sync. */
static void ask_and_listen(struct system *s, int handle, const struct rota_request *q)
{
    struct rota_request sync = {.operation = {.op = ROTA_OP_SYNC, .path = "/"}};

    ask(s, handle, q);
    for (int i = 0; i < HANDLES; i++)
        if (i != handle)
            ask(s, i, &sync);
}

static void open_handle(struct system *s, int handle)
{
    struct rota_backend *b = s->handles[handle];
    struct rota_handle_event e;

    b->ops->open(b, NULL);
    do {
        next_event(s, handle, &e);
    } while (e.kind != ROTA_HANDLE_SESSION || e.session.state != ROTA_SESSION_CONNECTED);
    s->sessions[handle] = e.session.client_id.id;
}

static int compare_lines(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Puts the lines of this step in order, where the order means nothing (S62). */
static void sort_lines(struct system *s)
{
    char *copy = strdup(s->text), *lines[256];
    size_t count = 0;

    for (char *line = copy; *line != '\0'; count++) {
        size_t n = strcspn(line, "\n");

        assert_true(count < sizeof lines / sizeof *lines);
        lines[count] = line;
        line += n + (line[n] == '\n');
        lines[count][n] = '\0';
    }
    qsort(lines, count, sizeof *lines, compare_lines);
    s->length = 0;
    for (size_t i = 0; i < count; i++)
        say(s, "%s\n", lines[i]);
    free(copy);
}

/* Closes a handle and opens it again: its ephemerals go, in any order. */
static void renew(struct system *s, int handle)
{
    struct rota_request close = {.operation = {.op = ROTA_OP_CLOSE}};
    struct rota_request sync = {.operation = {.op = ROTA_OP_SYNC, .path = "/"}};
    struct rota_backend *b = s->handles[handle];
    struct rota_handle_event e;

    b->ops->request(b, &close);
    do {
        next_event(s, handle, &e);
    } while (e.kind != ROTA_HANDLE_SESSION || e.session.state != ROTA_SESSION_CLOSED);
    open_handle(s, handle);
    for (int i = 0; i < HANDLES; i++)
        ask(s, i, &sync);
    sort_lines(s);
}

/* ---- random work ---- */

static uint32_t draw(struct twin *t, uint32_t below)
{
    t->random = t->random * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(t->random >> 33) % below;
}

static const char *draw_path(struct twin *t, char path[64])
{
    static const char *const odd[] = {"/",       "/zookeeper", "/zookeeper/config", "/a//b", "/a/.",
                                      "/a/\x7f", "a",          "/none/\x7f",        "/a/"};
    uint32_t kind = draw(t, 20);

    if (kind == 0)
        snprintf(path, 64, "%s", odd[draw(t, sizeof odd / sizeof *odd)]);
    else if (kind < 7)
        snprintf(path, 64, "/%c", (char)('a' + draw(t, 3)));
    else if (kind < 16)
        snprintf(path, 64, "/%c/%c", (char)('a' + draw(t, 3)), (char)('a' + draw(t, 3)));
    else if (kind < 18)
        snprintf(path, 64, "/%c/x%010u", (char)('a' + draw(t, 3)), draw(t, 12));
    else
        snprintf(path, 64, "/%c/%c/%c", (char)('a' + draw(t, 3)), (char)('a' + draw(t, 3)),
                 (char)('a' + draw(t, 3)));
    return path;
}

static struct rota_bytes draw_data(struct twin *t)
{
    return (struct rota_bytes){"0123456789", (int32_t)draw(t, 12) - 1};
}

/* Mostly "any", so that work gets done. */
static int32_t draw_version(struct twin *t)
{
    return draw(t, 2) == 0 ? -1 : (int32_t)draw(t, 5) - 2;
}

static void draw_acl(struct twin *t, struct rota_operation *o)
{
    static const struct rota_acl lists[][2] = {{{31, "auth", ""}},
                                               {{1, "world", "anyone"}, {30, "auth", ""}},
                                               {{31, "world", "anyone"}},
                                               {{31, "world", "nobody"}},
                                               {{27, "world", "anyone"}}};
    uint32_t i = draw(t, 5);

    o->acl = lists[i];
    o->acl_count = i == 1 ? 2 : draw(t, 10) == 0 ? 0 : 1;
}

static struct rota_operation draw_write(struct twin *t, char path[64])
{
    static const enum rota_op ops[] = {ROTA_OP_CREATE, ROTA_OP_CREATE, ROTA_OP_CREATE,
                                       ROTA_OP_DELETE, ROTA_OP_DELETE, ROTA_OP_SET};
    struct rota_operation o = {.op = ops[draw(t, 6)], .path = draw_path(t, path)};

    o.version = draw_version(t);
    o.data = draw_data(t);
    o.mode = (enum rota_mode)draw(t, 4);
    if (o.op == ROTA_OP_CREATE && (o.mode & ROTA_MODE_SEQUENTIAL) != 0 && draw(t, 4) != 0)
        snprintf(path, 64, "/%c/x", (char)('a' + draw(t, 3)));
    if (o.op == ROTA_OP_CREATE && draw(t, 12) == 0)
        draw_acl(t, &o);
    return o;
}

static struct rota_operation draw_other(struct twin *t, char path[64])
{
    static const enum rota_op ops[] = {ROTA_OP_GET,     ROTA_OP_GET,      ROTA_OP_EXISTS,
                                       ROTA_OP_EXISTS,  ROTA_OP_CHILDREN, ROTA_OP_CHILDREN,
                                       ROTA_OP_GET_ACL, ROTA_OP_SYNC,     ROTA_OP_SET_ACL};
    struct rota_operation o = {.op = ops[draw(t, 9)], .path = draw_path(t, path)};

    o.watch = draw(t, 3) != 0;
    o.version = draw_version(t);
    if (o.op == ROTA_OP_SET_ACL)
        draw_acl(t, &o);
    return o;
}

static struct rota_request draw_request(struct twin *t, struct rota_operation ops[OPS])
{
    struct rota_request q = {.tag = 1, .operations = ops};
    uint32_t kind = draw(t, 10);

    if (kind < 4)
        q.operation = draw_write(t, t->paths[OPS]);
    else if (kind < 8)
        q.operation = draw_other(t, t->paths[OPS]);
    else
        q.operation.op = ROTA_OP_MULTI;
    for (; kind >= 8 && q.operation_count < 1 + kind % 2 * 4; q.operation_count++) {
        ops[q.operation_count] = draw_write(t, t->paths[q.operation_count]);
        if (draw(t, 4) == 0)
            ops[q.operation_count].op = ROTA_OP_CHECK;
    }
    return q;
}

/* ---- the test ---- */

static void compare(struct twin *t, uint32_t step, const struct rota_request *q)
{
    if (strcmp(t->real.text, t->ours.text) != 0)
        fail_msg("step %u, operation %d of %s:\nthe real server said\n%s\nours said\n%s", step,
                 q == NULL ? -1 : (int)q->operation.op,
                 q == NULL || q->operation.path == NULL ? "-" : q->operation.path, t->real.text,
                 t->ours.text);
    t->real.text[0] = t->ours.text[0] = '\0';
    t->real.length = t->ours.length = 0;
}

static void authenticate(struct twin *t)
{
    struct rota_request q = {
        .operation = {.op = ROTA_OP_ADD_AUTH, .scheme = "digest", .data = {"user:word", 9}}};

    ask_and_listen(&t->real, 0, &q);
    ask_and_listen(&t->ours, 0, &q);
}

static void test_random_work_reads_the_same_on_both(void **state)
{
    struct twin *t = *state;

    authenticate(t);
    compare(t, 0, NULL);
    for (uint32_t step = 1; step <= STEPS; step++) {
        struct rota_operation ops[OPS];
        int handle = (int)draw(t, HANDLES);
        struct rota_request q = {0};

        if (draw(t, 300) == 0) {
            renew(&t->real, handle);
            renew(&t->ours, handle);
            compare(t, step, NULL);
            if (handle == 0)
                authenticate(t);
        } else {
            q = draw_request(t, ops);
            ask_and_listen(&t->real, handle, &q);
            ask_and_listen(&t->ours, handle, &q);
        }
        compare(t, step, &q);
    }
}

static void system_open(struct system *s)
{
    s->text = calloc(1, TEXT);
    s->bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_true(s->text != NULL && s->bell >= 0);
}

static void system_close(struct system *s)
{
    for (int i = 0; i < HANDLES; i++)
        s->handles[i]->ops->destroy(s->handles[i]);
    close(s->bell);
    free(s->text);
}

static int setup(void **state)
{
    struct twin *t = calloc(1, sizeof *t);
    struct rota_zkserver_config config = {.tick_ms = 2000};

    if (t == NULL || !rota_zkserver_start(&t->server, &config)) {
        fprintf(stderr, "%s\n", t == NULL ? "no memory" : t->server.error);
        return -1;
    }
    t->random = 11;
    t->tree = rota_embedded_tree_open();
    system_open(&t->real);
    system_open(&t->ours);
    for (int i = 0; i < HANDLES; i++) {
        struct rota_zk_config zk = {.hosts = t->server.hosts, .session_timeout_ms = SESSION_MS};

        t->real.handles[i] = rota_zk_open(&zk, ring, &t->real);
        t->ours.handles[i] = rota_embedded_open(t->tree, SESSION_MS, ring, &t->ours);
        open_handle(&t->real, i);
        open_handle(&t->ours, i);
    }
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct twin *t = *state;

    system_close(&t->real);
    system_close(&t->ours);
    rota_embedded_tree_close(t->tree);
    rota_zkserver_close(&t->server);
    free(t);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_random_work_reads_the_same_on_both, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
