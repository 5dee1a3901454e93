#include "backend_sim/world/world_servers.h"
#include "tests/unit/harness/court.h"
#include "model/master/master.h"

#include "harness/language/parse_scenario.h"

static const struct rota_world_hooks deaf;

/* ---- saying what happened ---- */

struct rota_change *court_change(struct court *c, enum rota_op op, const char *path)
{
    struct rota_change *one = &c->changes[c->count++];

    *one = (struct rota_change){.op = op, .path = path, .data = ROTA_NULL_BYTES};
    return one;
}

void court_create(struct court *c, const char *path)
{
    court_change(c, ROTA_OP_CREATE, path);
}

void court_create_with(struct court *c, const char *path, const char *text)
{
    court_change(c, ROTA_OP_CREATE, path)->data = (struct rota_bytes){text, (int32_t)strlen(text)};
}

void court_erase(struct court *c, const char *path, int64_t czxid)
{
    court_change(c, ROTA_OP_DELETE, path)->czxid = czxid;
}

void court_check(struct court *c, const char *path, int32_t version)
{
    court_change(c, ROTA_OP_CHECK, path)->version = version;
}

void court_set(struct court *c, const char *path, int32_t version)
{
    court_change(c, ROTA_OP_SET, path)->version = version;
}

/* Commits what was said as one multi of this process. Returns its zxid. */
int64_t court_commit(struct court *c, uint32_t who)
{
    struct rota_commit one = {.kind = ROTA_COMMIT_WRITE,
                              .zxid = ++c->zxid,
                              .session = SESSION(who),
                              .multi = true,
                              .changes = c->changes,
                              .change_count = c->count};

    rota_judge_committed(&c->j, who, &one);
    c->count = 0;
    return c->zxid;
}

void court_act_result(struct court *c, const char *name, const char *state, const char *output)
{
    struct rota_action a = {.kind = ROTA_ACTION_RESULT};

    a.job.name = name;
    a.job.state = state;
    a.job.output = (struct rota_bytes){output, (int32_t)strlen(output)};
    rota_judge_acted(&c->j, C1, &a);
}

void court_act_job(struct court *c, enum rota_action_kind kind, const char *name)
{
    struct rota_action a = {.kind = kind};

    a.job.name = name;
    a.job.state = "done";
    rota_judge_acted(&c->j, C1, &a);
}

void court_elect(struct court *c, uint32_t who, int32_t epoch)
{
    court_check(c, "/epoch", epoch - 1);
    court_create(c, "/master");
    court_set(c, "/epoch", epoch);
    court_commit(c, who);
}

int64_t court_registers(struct court *c, uint32_t who)
{
    court_change(c, ROTA_OP_CREATE, who == W1 ? "/workers/w1" : "/workers/w2")->owner =
        SESSION(who);
    court_set(c, who == W1 ? "/assign/w1" : "/assign/w2", 1);
    return court_commit(c, who);
}

/* The session of a worker ends, and its znode with it. */
void court_expires(struct court *c, uint32_t who)
{
    struct rota_commit one = {.kind = ROTA_COMMIT_SESSION_CLOSED,
                              .zxid = ++c->zxid,
                              .session = SESSION(who),
                              .changes = c->changes,
                              .change_count = 1};

    court_erase(c, who == W1 ? "/workers/w1" : "/workers/w2", 0);
    rota_judge_committed(&c->j, who, &one);
    c->count = 0;
    c->h.parties[who].misfortune = c->zxid;
}

int64_t court_assign_with(struct court *c, const char *path, const char *record)
{
    court_check(c, "/epoch", 1);
    court_check(c, strncmp(path, "/assign/w1", 10) == 0 ? "/assign/w1" : "/assign/w2", 0);
    if (c->h.tasks[0].retry)
        court_erase(c, "/retry/t1", 0);
    court_create_with(c, path, record);
    return court_commit(c, M1);
}

int64_t court_assign(struct court *c, const char *path)
{
    return court_assign_with(c, path, "attempt=1 losses=0 epoch=1");
}

/* t1 is submitted, m1 leads, both workers are there. */
void court_begin(struct court *c)
{
    court_elect(c, M1, 1);
    court_registers(c, W1);
    court_registers(c, W2);
    court_create(c, "/tasks/t1");
    court_commit(c, C1);
    court_act_job(c, ROTA_ACTION_NAMED, "t1");
}

/* Its worker is lost, and the assignment goes to the other one. Returns the zxid. */
int64_t court_reassign(struct court *c, uint32_t from, int64_t czxid, const char *record)
{
    court_check(c, "/epoch", 1);
    court_check(c, from == W1 ? "/assign/w2" : "/assign/w1", 0);
    court_erase(c, from == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    court_create_with(c, from == W1 ? "/assign/w2/t1" : "/assign/w1/t1", record);
    return court_commit(c, M1);
}

/* A worker writes how the run of t1 ended, and gives the assignment up. */
void court_completes(struct court *c, uint32_t who, int64_t czxid, const char *text)
{
    court_erase(c, who == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    court_create_with(c, "/tasks/t1/status", text);
    court_commit(c, who);
}

void court_hands_back(struct court *c, uint32_t who, int64_t czxid)
{
    court_erase(c, who == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    court_create_with(c, "/retry/t1", "attempt=1 losses=0 failures=1 epoch=0 reason=x");
    court_commit(c, who);
}

void court_run_with(struct court *c, uint32_t who, const char *task, int64_t fence,
                    const char *payload)
{
    struct rota_action a = {.kind = ROTA_ACTION_RUN};

    a.run.fence = fence;
    a.run.task = task;
    a.run.attempt = 1;
    a.run.payload = (struct rota_bytes){payload, (int32_t)strlen(payload)};
    rota_judge_acted(&c->j, who, &a);
}

void court_run(struct court *c, uint32_t who, int64_t fence)
{
    court_run_with(c, who, "t1", fence, "payload");
}

void court_end_as(struct court *c, uint32_t who, enum rota_ending ending, bool killed)
{
    struct rota_work one = {.task = (char[]){"t1"}, .ending = ending, .killed_worker = killed};

    rota_world_run(c->w, rota_world_now(c->w) + 1000);
    rota_judge_ended(&c->j, who, &one);
}

void court_end(struct court *c, uint32_t who, enum rota_ending ending)
{
    court_end_as(c, who, ending, false);
}

/* t1 is assigned to w1, runs there and succeeds, all but written down. Returns the assignment's
 * zxid. */
int64_t court_succeed(struct court *c)
{
    int64_t placed;

    court_begin(c);
    placed = court_assign(c, "/assign/w1/t1");
    court_run(c, W1, placed);
    court_end(c, W1, ROTA_ENDING_SUCCESS);
    return placed;
}

/* ---- what the court says ---- */

void court_holds(struct court *c)
{
    if (c->j.broken)
        fail_msg("%s: %s", rota_invariant_word(c->j.breach.invariant), c->j.breach.text);
}

void court_breaks(struct court *c, enum rota_invariant invariant)
{
    if (!c->j.broken)
        fail_msg("%s was not seen to break", rota_invariant_word(invariant));
    assert_string_equal(rota_invariant_word(c->j.breach.invariant), rota_invariant_word(invariant));
    assert_true(strlen(c->j.breach.text) > 0);
}

int court_convene(void **state)
{
    static const char text[] = "scenario \"x\"\ncluster masters=2 workers=2 clients=1 losses=2\n";
    static const char *const names[] = {"m1", "m2", "w1", "w2", "c1"};
    static const enum rota_part parts[] = {ROTA_PART_MASTER, ROTA_PART_MASTER, ROTA_PART_WORKER,
                                           ROTA_PART_WORKER, ROTA_PART_CLIENT};
    static const char *const paths[] = {"/epoch", "/workers", "/assign", "/tasks"};
    struct rota_world_config config = {.seed = 1, .session_ms = 10000};
    struct rota_submit plan = {.count = 1};
    struct rota_scenario_error error;
    struct court *c = calloc(1, sizeof *c);

    assert_true(rota_scenario_read(&c->s, "x", text, sizeof text - 1, &error));
    c->w = rota_world_open(&config, &deaf, NULL);
    rota_history_init(&c->h, PROCESSES);
    rota_judge_init(&c->j, &c->s, c->w, &c->h);
    for (uint32_t i = 0; i < PROCESSES; i++) {
        static const struct rota_master_config none;
        struct rota_driver_config driver = {.role = &rota_master_role, .config = &none};

        rota_world_add(c->w, names[i], parts[i], &driver);
        rota_history_session(&c->h, SESSION(i), i);
    }
    rota_world_create_znodes(c->w, paths, 4);
    rota_judge_remember(&c->j);
    rota_history_want(&c->h, "t1", C1, &plan, "payload");
    *state = c;
    return 0;
}

int court_adjourn(void **state)
{
    struct court *c = *state;

    rota_world_close(c->w);
    rota_judge_close(&c->j);
    rota_history_close(&c->h);
    rota_scenario_close(&c->s);
    free(c);
    return 0;
}
