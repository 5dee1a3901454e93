#include "tests/conformance/generate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/base/assert.h"
#include "system/memory.h"

enum { CREDENTIALS_ROW = 20 }; /* credentials that a client adds in a row */

/* The state in which a client is, as far as the sequence decides it. */
enum client_state { CLIENT_UP, CLIENT_CUT, CLIENT_EXPIRED, CLIENT_DEAD };

struct generator {
    const struct generate_config *config;
    uint64_t state;
    enum client_state states[CLIENTS_MOST];
    bool odd;                           /* this sequence has more odd paths */
    uint32_t credentials[CLIENTS_MOST]; /* of a row, sent so far: one in each step, since several in
                                           one step may overtake each other */
};

/* splitmix64 */
static uint64_t bits(struct generator *g)
{
    uint64_t x = g->state += UINT64_C(0x9e3779b97f4a7c15);

    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint32_t draw(struct generator *g, uint32_t below)
{
    return (uint32_t)(((bits(g) >> 32) * below) >> 32);
}

static bool one_in(struct generator *g, uint32_t n)
{
    return draw(g, n) == 0;
}

#define PICK(g, list) ((list)[draw(g, (uint32_t)(sizeof list / sizeof *(list)))])

/* ---- paths ---- */

static const char *const odd_endings[] = {
    "/",
    "//",
    "/.",
    "/..",
    "/...",
    "/.a",
    "/a/../b",
    "/\x01",
    "/\x1e",
    "/\x1f",
    ("/a\x1f"
     "b"),
    "/\x7f",
    "/\xc2\x80",
    "/\xc2\x9f",
    "/\xc2\xa0",
    "/\xed\x9f\xbf",
    "/\xed\xa0\x80",
    "/\xee\x80\x80",
    "/\xef\xa3\xbf",
    "/\xef\xa4\x80",
    "/\xef\xbf\xaf",
    "/\xef\xbf\xb0",
    "/\xef\xbf\xbd",
    "/\xef\xbf\xbf",
    "/\xf0\x90\x80\x80",
    "/\xff",
    "/\xc3",
    "/\xc3(",
    "/\xe2\x82",
    "/\xe2\x28\xa1",
    "/\xc0\x80",
    "/\xf4\x90\x80\x80",
    "/ ",
    "/a b",
    "/\xc3\xa9",
    "/\xe6\x97\xa5",
    "/%",
    "/\\",
    "/~",
    "/a.",
    "/\x7f/a",
    "/a/\x7f/b",
    "/a//b",
    "/-1",
    "/0000000000",
    "/a0000000001",
};

static const char *const odd_paths[] = {
    "/",
    "/zookeeper",
    "/zookeeper/config",
    "/zookeeper/quota",
    "/zookeeper/a",
    "/zookeeper/quota/a",
    "//",
    "/.",
    "/../a",
    "",
    "a",
    "a/b",
    "~/",
    "/none",
    "/none/a",
    "/none/\x7f",
    "/zookeeper/",
    "~",
    "zookeeper",
    "/zookeeper/config/a",
};

static void long_name(struct generator *g, char *at, size_t size)
{
    static const size_t lengths[] = {2000, 1999, 255, 256, 257, 4000};
    size_t length = PICK(g, lengths);

    rota_assert(length + 2 < size);
    at[0] = '/';
    memset(at + 1, 'n', length);
    at[length + 1] = '\0';
}

static char *draw_path(struct generator *g)
{
    enum { SIZE = 4200 };
    char path[2 * SIZE] = "~";
    uint32_t kind = draw(g, 100);
    uint32_t depth = kind < 12 ? 0 : kind < 42 ? 1 : kind < 80 ? 2 : kind < 92 ? 3 : 4;
    char *copy;

    if (one_in(g, g->odd ? 12 : 40))
        return rota_memory_text(PICK(g, odd_paths));
    for (uint32_t i = 0; i < depth; i++)
        snprintf(path + strlen(path), SIZE - strlen(path), "/%c", (char)('a' + draw(g, 3)));
    if (one_in(g, 9))
        snprintf(path + strlen(path), SIZE - strlen(path), "%s%010u", one_in(g, 2) ? "/" : "",
                 draw(g, 12));
    if (one_in(g, g->odd ? 10 : 60))
        snprintf(path + strlen(path), SIZE - strlen(path), "%s", PICK(g, odd_endings));
    if (one_in(g, 150))
        long_name(g, path + strlen(path), SIZE);
    copy = rota_memory_text(path);
    return copy;
}

/* ---- operations ---- */

static int32_t draw_version(struct generator *g)
{
    static const int32_t odd[] = {-2, 100, INT32_MAX, INT32_MIN};

    if (one_in(g, 2))
        return -1;
    return one_in(g, 15) ? PICK(g, odd) : (int32_t)draw(g, 4);
}

static int32_t draw_length(struct generator *g)
{
    static const int32_t lengths[] = {-1, -1, 0, 0, 1, 2, 7, 16, 100, 1000};

    return one_in(g, 200) ? 100000 : PICK(g, lengths);
}

static int draw_mode(struct generator *g)
{
    static const int modes[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 4, 5, 6};

    static const int odd[] = {7, 8, 100, -1, INT32_MIN};

    return one_in(g, 150) ? PICK(g, odd) : PICK(g, modes);
}

static int64_t draw_ttl(struct generator *g)
{
    static const int64_t odd[] = {0,        -1, 1, INT64_C(0xffffffffff), INT64_C(0x10000000000),
                                  INT64_MAX};

    return one_in(g, 6) ? PICK(g, odd) : 3600000;
}

static uint32_t draw_acl(struct generator *g)
{
    return draw(g, sequence_acl_count());
}

static struct command draw_create(struct generator *g)
{
    struct command c = {.op = ROTA_OP_CREATE, .mode = draw_mode(g)};
    bool sequential = c.mode == 2 || c.mode == 3 || c.mode == 6;

    c.path = draw_path(g);
    c.length = draw_length(g);
    c.fill = (char)draw(g, 256);
    c.ttl_ms = draw_ttl(g);
    c.acl = one_in(g, 8) ? draw_acl(g) : 0;
    if (sequential && one_in(g, 3) && strlen(c.path) < 3000) { /* "/a/" makes "/a/0000000000" */
        char *longer = rota_memory_zeroed(strlen(c.path) + 2, 1);

        snprintf(longer, strlen(c.path) + 2, "%s/", c.path);
        free(c.path);
        c.path = longer;
    }
    return c;
}

/* False for a command that would change the tree for all later runs. */
static bool keeps_the_root(const struct command *c)
{
    return c->op != ROTA_OP_SET_ACL || (c->path[0] == '~' && c->path[1] != '\0');
}

static struct command draw_write(struct generator *g)
{
    static const enum rota_op ops[] = {ROTA_OP_CREATE, ROTA_OP_CREATE, ROTA_OP_CREATE,
                                       ROTA_OP_CREATE, ROTA_OP_DELETE, ROTA_OP_DELETE,
                                       ROTA_OP_SET,    ROTA_OP_SET};
    enum rota_op op = PICK(g, ops);

    if (op == ROTA_OP_CREATE)
        return draw_create(g);
    return (struct command){.op = op,
                            .path = draw_path(g),
                            .version = draw_version(g),
                            .length = op == ROTA_OP_SET ? draw_length(g) : -1,
                            .fill = (char)draw(g, 256)};
}

static struct command draw_read(struct generator *g)
{
    static const enum rota_op ops[] = {ROTA_OP_GET,      ROTA_OP_GET,      ROTA_OP_GET,
                                       ROTA_OP_EXISTS,   ROTA_OP_EXISTS,   ROTA_OP_EXISTS,
                                       ROTA_OP_CHILDREN, ROTA_OP_CHILDREN, ROTA_OP_CHILDREN,
                                       ROTA_OP_GET_ACL,  ROTA_OP_SYNC};

    struct command c = {
        .op = PICK(g, ops), .path = draw_path(g), .length = -1, .watch = !one_in(g, 3)};

    if (one_in(g, 400)) {
        free(c.path);
        c.path = NULL;
    }
    return c;
}

static struct command draw_credentials(struct generator *g)
{
    struct command c = {.op = ROTA_OP_ADD_AUTH, .length = -1};

    do {
        c.credentials = draw(g, sequence_credentials_count());
    } while (sequence_credentials(c.credentials)->refused);
    return c;
}

static struct command draw_other(struct generator *g)
{
    struct command c = {.op = ROTA_OP_SET_ACL, .length = -1};

    if (one_in(g, 4))
        return draw_credentials(g);
    if (one_in(g, 20))
        c.op = ROTA_OP_CHECK; /* not in a multi */
    c.path = draw_path(g);
    c.version = one_in(g, 3) ? draw_version(g) : -1;
    c.acl = one_in(g, 12) ? 0 : draw_acl(g);
    if (!keeps_the_root(&c))
        c.op = ROTA_OP_GET_ACL;
    return c;
}

static struct command draw_part(struct generator *g)
{
    struct command c = draw_write(g);

    if (one_in(g, 6)) {
        c.op = ROTA_OP_CHECK;
        c.version = draw_version(g);
    } else if (c.op == ROTA_OP_CREATE && c.mode > 3 && !one_in(g, 20)) {
        c.mode %= 4; /* the library accepts no other mode */
    } else if (one_in(g, 400)) {
        c.op = ROTA_OP_GET;
    }
    return c;
}

/* A part of a multi that succeeds on most trees. */
static struct command easy_part(struct generator *g, uint32_t i)
{
    char path[32];
    struct command c = {.op = ROTA_OP_CREATE, .mode = (int)draw(g, 4), .length = draw_length(g)};

    snprintf(path, sizeof path, "~/%c%u", (char)('e' + draw(g, 2)), i / 2);
    c.path = rota_memory_text(path);
    c.fill = 'e';
    if (i % 2 == 1) {
        static const enum rota_op ops[] = {ROTA_OP_DELETE, ROTA_OP_SET, ROTA_OP_CHECK};

        c.op = PICK(g, ops);
        c.version = one_in(g, 4) ? 0 : -1;
    } else if (one_in(g, 2)) {
        c.mode = 2;
    }
    return c;
}

static struct command draw_multi(struct generator *g)
{
    static const uint32_t counts[] = {0, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8};
    struct command c = {.op = ROTA_OP_MULTI, .length = -1, .part_count = PICK(g, counts)};
    bool easy = one_in(g, 2);

    if (one_in(g, 60))
        c.part_count = 20 + draw(g, 200);
    c.parts = rota_memory_zeroed(c.part_count + 1, sizeof *c.parts);
    for (uint32_t i = 0; i < c.part_count; i++)
        c.parts[i] = easy && !one_in(g, 8) ? easy_part(g, i) : draw_part(g);
    return c;
}

static struct command draw_command(struct generator *g)
{
    uint32_t kind = draw(g, 100);

    if (kind < 2) { /* a watch flag that means nothing here */
        struct command c = draw_write(g);

        c.watch = true;
        return c;
    }
    return kind < 40   ? draw_write(g)
           : kind < 76 ? draw_read(g)
           : kind < 90 ? draw_multi(g)
                       : draw_other(g);
}

/* A request of the size limit, or of a few bytes more or less. It is alone in its step, since other
 * requests under way may be lost with the connection or not. */
static struct command draw_large(struct generator *g)
{
    static const int32_t excess[] = {-1, 0, 0, 1, 1, 2, 1000};
    static const enum rota_op ops[] = {ROTA_OP_CREATE, ROTA_OP_CREATE,  ROTA_OP_CREATE,
                                       ROTA_OP_SET,    ROTA_OP_SET,     ROTA_OP_DELETE,
                                       ROTA_OP_GET,    ROTA_OP_EXISTS,  ROTA_OP_CHILDREN,
                                       ROTA_OP_SYNC,   ROTA_OP_GET_ACL, ROTA_OP_SET_ACL};
    struct command c = {.op = PICK(g, ops), .version = -1, .length = -1};

    c.path = rota_memory_text(one_in(g, 2) ? "~" : "~/big");
    c.fill = 'x';
    c.fits = true;
    c.excess = PICK(g, excess);
    if (c.op == ROTA_OP_CREATE) {
        c.mode = (int)draw(g, 7);
        c.ttl_ms = 3600000;
    }
    if (c.op == ROTA_OP_CREATE || c.op == ROTA_OP_SET_ACL)
        c.acl = draw_acl(g);
    if (one_in(g, 3)) {
        struct command whole = {.op = ROTA_OP_MULTI, .length = -1, .part_count = 3, .fits = true};

        whole.excess = c.excess;
        whole.parts = rota_memory_zeroed(4, sizeof *whole.parts);
        whole.parts[0] = easy_part(g, 0);
        whole.parts[1] = easy_part(g, 2);
        c.fits = false;
        c.mode %= 4;
        if (c.op > ROTA_OP_SET)
            c.op = ROTA_OP_CHECK;
        whole.parts[2] = c;
        return whole;
    }
    return c;
}

/* A multi of ten thousand operations that succeed, all or all but one. */
static struct command draw_huge_multi(struct generator *g)
{
    struct command c = {.op = ROTA_OP_MULTI, .length = -1, .part_count = 10000};
    uint32_t bad = one_in(g, 2) ? draw(g, c.part_count) : UINT32_MAX;

    c.parts = rota_memory_zeroed(c.part_count, sizeof *c.parts);
    for (uint32_t i = 0; i < c.part_count; i++) {
        c.parts[i] =
            (struct command){.op = ROTA_OP_CHECK, .version = i == bad ? 77 : -1, .length = -1};
        c.parts[i].path = rota_memory_text("~");
    }
    return c;
}

/* Names for a listing of nearly a megabyte, or more. */
static struct command draw_long_names(struct generator *g)
{
    enum { NAME = 4000 };
    struct command c = {.op = ROTA_OP_MULTI, .length = -1, .part_count = 240};

    c.parts = rota_memory_zeroed(c.part_count, sizeof *c.parts);
    for (uint32_t i = 0; i < c.part_count; i++) {
        char *path = rota_memory_zeroed(NAME + 8, 1);

        snprintf(path, 8, "~/%c/", 'a');
        memset(path + 4, 'l', NAME);
        path[4 + NAME] = '\0';
        c.parts[i] = (struct command){
            .op = ROTA_OP_CREATE, .path = path, .mode = one_in(g, 9) ? 3 : 2, .length = -1};
    }
    return c;
}

/* ---- steps ---- */

/* The last client sets no watches: a fault in the middle of a request leaves it open which events
 * have arrived. */
static bool has_no_watches(const struct generator *g, uint32_t client)
{
    return client + 1 == g->config->clients;
}

static void add_command(struct generator *g, struct step *s, struct command c)
{
    if (has_no_watches(g, s->client))
        c.watch = false;
    s->commands[s->count++] = c;
}

/* True if no request may follow in the same step. Credentials may overtake (S88). After a set_acl
 * the server prepares requests with the old access list until the new one is applied. */
static bool must_be_last(const struct command *c)
{
    return c->op == ROTA_OP_ADD_AUTH || c->op == ROTA_OP_SET_ACL;
}

static void fill(struct generator *g, struct step *s)
{
    static const uint32_t counts[] = {1, 1, 1, 1, 2, 2, 3, 4, 6, 8};
    uint32_t count = PICK(g, counts);

    if (g->config->connections && one_in(g, 400)) {
        add_command(g, s,
                    one_in(g, 6)    ? draw_huge_multi(g)
                    : one_in(g, 12) ? draw_long_names(g)
                                    : draw_large(g));
        return;
    }
    if (g->credentials[s->client] > 0 || one_in(g, 300)) {
        add_command(g, s, draw_credentials(g));
        g->credentials[s->client] = (g->credentials[s->client] + 1) % CREDENTIALS_ROW;
        return;
    }
    add_command(g, s, draw_command(g));
    while (s->count < count && !must_be_last(&s->commands[s->count - 1])) {
        struct command c = draw_command(g);

        if (c.op == ROTA_OP_ADD_AUTH) /* must be alone in its step */
            command_clear(&c);
        else
            add_command(g, s, c);
    }
}

static struct command draw_plain(struct generator *g, bool multis)
{
    if (multis && one_in(g, 3))
        return draw_multi(g);
    return one_in(g, 3) ? draw_read(g) : draw_write(g);
}

static void some_plain(struct generator *g, struct step *s, uint32_t most)
{
    uint32_t count = 1 + draw(g, most);
    bool multis = s->kind != STEP_REOPEN; /* its result depends on the state of the attempt (S44) */

    while (s->count < count)
        add_command(g, s, draw_plain(g, multis));
}

static void short_session(struct generator *g, struct step *s)
{
    s->kind = STEP_SHORT_SESSION;
    for (uint32_t i = 0; i < 5; i++) {
        struct command c = draw_create(g);

        c.mode = i % 2 == 0 ? 1 : 3;
        add_command(g, s, c);
    }
}

static void wrong_credentials(struct generator *g, struct step *s)
{
    struct command c = {.op = ROTA_OP_ADD_AUTH, .length = -1};

    do {
        c.credentials = draw(g, sequence_credentials_count());
    } while (!sequence_credentials(c.credentials)->refused);
    add_command(g, s, c);
    g->states[s->client] = CLIENT_DEAD;
}

/* A command that succeeds, and whose effect shows in the Stat of "/". */
static struct command draw_late(struct generator *g)
{
    struct command c = {.op = one_in(g, 3) ? ROTA_OP_SET : ROTA_OP_CREATE, .version = -1};

    c.mode = ROTA_MODE_EPHEMERAL_SEQUENTIAL;
    c.path = rota_memory_text(c.op == ROTA_OP_SET ? "/" : "/late");
    c.length = draw_length(g);
    c.fill = (char)draw(g, 256);
    return c;
}

static void take_over(struct generator *g, struct step *s)
{
    static const uint32_t timeouts[] = {0, 0, 0, 0, 0, 45000, 59999, 60000, 60001, 1000000};

    s->kind = STEP_TAKE_OVER;
    s->timeout_ms = PICK(g, timeouts);
}

static void heavy(struct generator *g, struct step *s)
{
    static const int32_t excess[] = {-1, 0, 1, 2, 50000};

    s->kind = STEP_HEAVY;
    s->excess = PICK(g, excess);
}

/* Steps that take seconds on a real server. */
static void slow_fault(struct generator *g, struct step *s)
{
    switch (draw(g, 8)) {
    case 0:
    case 1:
        short_session(g, s);
        break;
    case 2:
        s->kind = STEP_RESTART;
        break;
    case 3:
        s->kind = one_in(g, 2) ? STEP_SILENT : STEP_SILENT_APPLIED;
        some_plain(g, s, 4);
        break;
    case 4:
        heavy(g, s);
        break;
    default:
        s->kind = STEP_CLOSING;
        some_plain(g, s, 6);
        break;
    }
}

static void on_live_client(struct generator *g, struct step *s)
{
    uint32_t kind = draw(g, 1000);

    if (kind < 8) {
        s->kind = STEP_REOPEN;
        if (g->config->connections && one_in(g, 2))
            some_plain(g, s, 4);
    } else if (!g->config->connections || kind >= 48) {
        fill(g, s);
    } else if (kind < 24) {
        s->kind = STEP_CUT;
        g->states[s->client] = CLIENT_CUT;
    } else if (kind < 29) {
        s->kind = STEP_EXPIRE;
        if (one_in(g, 2))
            some_plain(g, s, 6);
        g->states[s->client] = CLIENT_EXPIRED;
    } else if (kind < 33) {
        s->kind = one_in(g, 2) ? STEP_WRONG_PASSWORD_AWAY : STEP_WRONG_PASSWORD;
    } else if (kind < 36) {
        take_over(g, s);
    } else if (kind < 37) {
        wrong_credentials(g, s);
    } else if (kind < 40) {
        s->kind = STEP_LATE;
        add_command(g, s, draw_late(g));
        g->states[s->client] = CLIENT_CUT;
    } else if (kind < 43 && g->config->slow && one_in(g, 3)) {
        slow_fault(g, s);
    } else if (has_no_watches(g, s->client)) {
        s->kind = one_in(g, 2) ? STEP_LOST : STEP_APPLIED;
        some_plain(g, s, s->kind == STEP_LOST ? 4 : 1);
    } else {
        fill(g, s);
    }
}

/* Requests without a connection, which fail. There are no credentials among them: they would
 * succeed at times (S88). */
static void on_cut_client(struct generator *g, struct step *s)
{
    if (one_in(g, 12)) {
        add_command(g, s, draw_write(g));
        add_command(g, s, draw_multi(g));
        add_command(g, s, draw_read(g));
        return;
    }
    s->kind = STEP_HEAL;
    g->states[s->client] = g->states[s->client] == CLIENT_CUT ? CLIENT_UP : CLIENT_DEAD;
}

static struct step *draw_step(struct generator *g)
{
    struct step *s = rota_memory_zeroed(1, sizeof *s);

    s->client = draw(g, g->config->clients);
    switch (g->states[s->client]) {
    case CLIENT_UP:
        on_live_client(g, s);
        break;
    case CLIENT_CUT:
    case CLIENT_EXPIRED:
        if (one_in(g, 4)) {
            on_cut_client(g, s);
        } else { /* another client's turn, so that much happens meanwhile */
            s->client = (s->client + 1) % g->config->clients;
            if (g->states[s->client] == CLIENT_UP)
                fill(g, s);
            else
                on_cut_client(g, s);
        }
        break;
    case CLIENT_DEAD:
        s->kind = one_in(g, 3) ? STEP_REQUESTS : STEP_REOPEN;
        if (s->kind == STEP_REQUESTS)
            fill(g, s);
        else
            g->states[s->client] = CLIENT_UP;
        break;
    }
    return s;
}

struct sequence *generate(const struct generate_config *config)
{
    struct generator g = {.config = config, .state = config->seed * UINT64_C(0x2545f4914f6cdd1d)};
    struct sequence *q = rota_memory_zeroed(1, sizeof *q);
    uint32_t capacity = 0;

    rota_assert(config->clients >= 2 && config->clients <= CLIENTS_MOST);
    q->clients = config->clients;
    g.odd = one_in(&g, 4);
    for (uint32_t operations = 0; operations < config->operations;) {
        q->steps = rota_memory_extend(q->steps, q->count, &capacity, sizeof(struct step *));
        q->steps[q->count] = draw_step(&g);
        operations += step_operations(q->steps[q->count++]);
    }
    return q;
}

void sequence_free(struct sequence *q)
{
    for (uint32_t i = 0; i < q->count; i++)
        step_free(q->steps[i]);
    free(q->steps);
    free(q);
}
