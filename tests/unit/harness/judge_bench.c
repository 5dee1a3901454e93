#include "tests/unit/harness/judge_bench.h"

#include "backend_sim/world/world_servers.h"
#include "harness/language/parse_scenario.h"
#include "model/master/master.h"

static const struct rota_world_hooks no_hooks;

/* ---- what happens ---- */

struct rota_change *bench_change(struct judge_bench *b, enum rota_op op, const char *path)
{
    struct rota_change *one = &b->changes[b->count++];

    *one = (struct rota_change){.op = op, .path = path, .data = ROTA_NULL_BYTES};
    return one;
}

void bench_create(struct judge_bench *b, const char *path)
{
    bench_change(b, ROTA_OP_CREATE, path);
}

void bench_create_with(struct judge_bench *b, const char *path, const char *text)
{
    bench_change(b, ROTA_OP_CREATE, path)->data = (struct rota_bytes){text, (int32_t)strlen(text)};
}

void bench_delete(struct judge_bench *b, const char *path, int64_t czxid)
{
    bench_change(b, ROTA_OP_DELETE, path)->czxid = czxid;
}

void bench_check(struct judge_bench *b, const char *path, int32_t version)
{
    bench_change(b, ROTA_OP_CHECK, path)->version = version;
}

void bench_set(struct judge_bench *b, const char *path, int32_t version)
{
    bench_change(b, ROTA_OP_SET, path)->version = version;
}

int64_t bench_commit(struct judge_bench *b, uint32_t who)
{
    struct rota_commit one = {.kind = ROTA_COMMIT_WRITE,
                              .zxid = ++b->zxid,
                              .session = SESSION(who),
                              .multi = true,
                              .changes = b->changes,
                              .change_count = b->count};

    rota_judge_committed(&b->j, who, &one);
    b->count = 0;
    return b->zxid;
}

void bench_act_result(struct judge_bench *b, const char *name, const char *state,
                      const char *output)
{
    struct rota_action a = {.kind = ROTA_ACTION_RESULT};

    a.job.name = name;
    a.job.state = state;
    a.job.output = (struct rota_bytes){output, (int32_t)strlen(output)};
    rota_judge_acted(&b->j, C1, &a);
}

void bench_act_job(struct judge_bench *b, enum rota_action_kind kind, const char *name)
{
    struct rota_action a = {.kind = kind};

    a.job.name = name;
    a.job.state = "done";
    rota_judge_acted(&b->j, C1, &a);
}

void bench_elect(struct judge_bench *b, uint32_t who, int32_t epoch)
{
    bench_check(b, "/epoch", epoch - 1);
    bench_create(b, "/master");
    bench_set(b, "/epoch", epoch);
    bench_commit(b, who);
}

int64_t bench_register(struct judge_bench *b, uint32_t who)
{
    bench_change(b, ROTA_OP_CREATE, who == W1 ? "/workers/w1" : "/workers/w2")->owner =
        SESSION(who);
    bench_set(b, who == W1 ? "/assign/w1" : "/assign/w2", 1);
    return bench_commit(b, who);
}

void bench_expire(struct judge_bench *b, uint32_t who)
{
    struct rota_commit one = {.kind = ROTA_COMMIT_SESSION_CLOSED,
                              .zxid = ++b->zxid,
                              .session = SESSION(who),
                              .changes = b->changes,
                              .change_count = 1};

    bench_delete(b, who == W1 ? "/workers/w1" : "/workers/w2", 0);
    rota_judge_committed(&b->j, who, &one);
    b->count = 0;
    b->h.processes[who].fault_zxid = b->zxid;
}

int64_t bench_assign_with(struct judge_bench *b, const char *path, const char *record)
{
    bench_check(b, "/epoch", 1);
    bench_check(b, strncmp(path, "/assign/w1", 10) == 0 ? "/assign/w1" : "/assign/w2", 0);
    if (b->h.tasks[0].has_retry)
        bench_delete(b, "/retry/t1", 0);
    bench_create_with(b, path, record);
    return bench_commit(b, M1);
}

int64_t bench_assign(struct judge_bench *b, const char *path)
{
    return bench_assign_with(b, path, "attempt=1 losses=0 epoch=1");
}

void bench_begin(struct judge_bench *b)
{
    bench_elect(b, M1, 1);
    bench_register(b, W1);
    bench_register(b, W2);
    bench_create(b, "/tasks/t1");
    bench_commit(b, C1);
    bench_act_job(b, ROTA_ACTION_NAMED, "t1");
}

int64_t bench_reassign(struct judge_bench *b, uint32_t from, int64_t czxid, const char *record)
{
    bench_check(b, "/epoch", 1);
    bench_check(b, from == W1 ? "/assign/w2" : "/assign/w1", 0);
    bench_delete(b, from == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    bench_create_with(b, from == W1 ? "/assign/w2/t1" : "/assign/w1/t1", record);
    return bench_commit(b, M1);
}

void bench_complete(struct judge_bench *b, uint32_t who, int64_t czxid, const char *text)
{
    bench_delete(b, who == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    bench_create_with(b, "/tasks/t1/status", text);
    bench_commit(b, who);
}

void bench_hand_back(struct judge_bench *b, uint32_t who, int64_t czxid)
{
    bench_delete(b, who == W1 ? "/assign/w1/t1" : "/assign/w2/t1", czxid);
    bench_create_with(b, "/retry/t1", "attempt=1 losses=0 failures=1 epoch=0 reason=x");
    bench_commit(b, who);
}

void bench_run_with(struct judge_bench *b, uint32_t who, const char *task, int64_t fence,
                    const char *payload)
{
    struct rota_action a = {.kind = ROTA_ACTION_RUN};

    a.run.fence = fence;
    a.run.task = task;
    a.run.attempt = 1;
    a.run.payload = (struct rota_bytes){payload, (int32_t)strlen(payload)};
    rota_judge_acted(&b->j, who, &a);
}

void bench_run(struct judge_bench *b, uint32_t who, int64_t fence)
{
    bench_run_with(b, who, "t1", fence, "payload");
}

void bench_end_as(struct judge_bench *b, uint32_t who, enum rota_ending ending, bool killed)
{
    struct rota_work one = {.task = (char[]){"t1"}, .ending = ending, .killed_worker = killed};

    rota_world_run(b->w, rota_world_now(b->w) + 1000);
    rota_judge_ended(&b->j, who, &one);
}

void bench_end(struct judge_bench *b, uint32_t who, enum rota_ending ending)
{
    bench_end_as(b, who, ending, false);
}

int64_t bench_succeed(struct judge_bench *b)
{
    int64_t placed;

    bench_begin(b);
    placed = bench_assign(b, "/assign/w1/t1");
    bench_run(b, W1, placed);
    bench_end(b, W1, ROTA_ENDING_SUCCESS);
    return placed;
}

/* ---- what the judge says ---- */

void bench_holds(struct judge_bench *b)
{
    if (b->j.broken)
        fail_msg("%s: %s", rota_invariant_word(b->j.breach.invariant), b->j.breach.text);
}

void bench_breaks(struct judge_bench *b, enum rota_invariant invariant)
{
    if (!b->j.broken)
        fail_msg("%s was not seen to break", rota_invariant_word(invariant));
    assert_string_equal(rota_invariant_word(b->j.breach.invariant), rota_invariant_word(invariant));
    assert_true(strlen(b->j.breach.text) > 0);
}

int bench_setup(void **state)
{
    static const char text[] = "scenario \"x\"\ncluster masters=2 workers=2 clients=1 losses=2\n";
    static const char *const names[] = {"m1", "m2", "w1", "w2", "c1"};
    static const enum rota_part parts[] = {ROTA_PART_MASTER, ROTA_PART_MASTER, ROTA_PART_WORKER,
                                           ROTA_PART_WORKER, ROTA_PART_CLIENT};
    static const char *const paths[] = {"/epoch", "/workers", "/assign", "/tasks"};
    struct rota_world_config config = {.seed = 1, .session_ms = 10000};
    struct rota_submit plan = {.count = 1};
    struct rota_scenario_error error;
    struct judge_bench *b = calloc(1, sizeof *b);

    assert_true(rota_scenario_read(&b->s, "x", text, sizeof text - 1, &error));
    b->w = rota_world_open(&config, &no_hooks, NULL);
    rota_history_init(&b->h, PROCESSES);
    rota_judge_init(&b->j, &b->s, b->w, &b->h);
    for (uint32_t i = 0; i < PROCESSES; i++) {
        static const struct rota_master_config none;
        struct rota_driver_config driver = {.role = &rota_master_role, .config = &none};

        rota_world_add(b->w, names[i], parts[i], &driver);
        rota_history_open_session(&b->h, SESSION(i), i);
    }
    rota_world_create_znodes(b->w, paths, 4);
    rota_judge_remember_tree(&b->j);
    rota_history_submit(&b->h, "t1", C1, &plan, "payload");
    *state = b;
    return 0;
}

int bench_teardown(void **state)
{
    struct judge_bench *b = *state;

    rota_world_close(b->w);
    rota_judge_close(&b->j);
    rota_history_close(&b->h);
    rota_scenario_close(&b->s);
    free(b);
    return 0;
}
