#include "harness/search/parallel.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/base/assert.h"
#include "system/memory.h"

enum {
    PROCESSES_MAX = 256,
    POLL_MS = 100, /* between two calls of `progress` */
};

/* Memory that the children share. */
struct shared {
    atomic_uint_fast64_t next; /* the next job to begin */
    atomic_uint_fast64_t done;
    struct {
        atomic_uint_fast64_t job; /* the running job, counted from 1; 0: none */
    } children[PROCESSES_MAX];
};

void *rota_parallel_share(size_t size)
{
    void *memory = mmap(NULL, size == 0 ? 1 : size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (memory == MAP_FAILED)
        rota_memory_exhausted();
    return memory;
}

void rota_parallel_unshare(void *memory, size_t size)
{
    munmap(memory, size == 0 ? 1 : size);
}

/* The main function of a child. */
static void run_jobs(const struct rota_parallel *p, struct shared *s, uint32_t child,
                     uint64_t count)
{
    uint64_t job;

    while ((job = atomic_fetch_add(&s->next, 1)) < count) {
        atomic_store(&s->children[child].job, job + 1);
        alarm(p->timeout_s);
        p->run(p->context, job);
        alarm(0);
        atomic_store(&s->children[child].job, 0);
        atomic_fetch_add(&s->done, 1);
    }
}

/* Starts a child; it holds the writing end of the pipe as long as it lives. */
static pid_t start_child(const struct rota_parallel *p, struct shared *s, uint32_t child,
                         uint64_t count, int reading)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(reading);
    run_jobs(p, s, child, count);
    exit(EXIT_SUCCESS);
}

/* Waits until all children have ended. False: they must be killed. */
static bool wait_for_children(const struct rota_parallel *p, struct shared *s, int reading,
                              uint64_t count)
{
    struct pollfd end = {.fd = reading, .events = POLLIN};

    while (poll(&end, 1, POLL_MS) <= 0) {
        if (p->stopped != NULL && p->stopped(p->context))
            return false;
        if (p->progress != NULL)
            p->progress(p->context, atomic_load(&s->done), count);
    }
    return true;
}

static void kill_children(const pid_t *pids, uint32_t processes)
{
    for (uint32_t i = 0; i < processes; i++)
        if (pids[i] > 0)
            kill(pids[i], SIGKILL);
    for (uint32_t i = 0; i < processes; i++)
        while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
}

/* Waits for each child, and reports the job in which it died. */
static void reap_children(const struct rota_parallel *p, struct shared *s, const pid_t *pids,
                          uint32_t processes)
{
    for (uint32_t i = 0; i < processes; i++) {
        uint64_t job = atomic_load(&s->children[i].job);
        int status = 0;

        if (pids[i] <= 0)
            continue;
        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (job > 0) {
            p->died(p->context, job - 1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
            atomic_store(&s->children[i].job, 0);
            atomic_fetch_add(&s->done, 1);
        }
    }
}

static uint32_t process_count(const struct rota_parallel *p, uint64_t count)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t processes = p->processes > 0 ? p->processes : cores > 0 ? (uint64_t)cores : 1;

    if (processes > count)
        processes = count;
    return processes > PROCESSES_MAX ? PROCESSES_MAX : (uint32_t)processes;
}

bool rota_parallel_run(const struct rota_parallel *p, uint64_t count)
{
    struct shared *s = rota_parallel_share(sizeof *s);
    uint32_t processes = process_count(p, count);
    pid_t pids[PROCESSES_MAX];
    bool going = true;
    int ends[2];

    rota_assert(p->run != NULL && p->died != NULL);
    /* After a child has died, jobs may be left: more children run them. */
    while (going && atomic_load(&s->next) < count) {
        bool is_open = pipe(ends) == 0;

        rota_assert(is_open);
        for (uint32_t i = 0; i < processes; i++) {
            pids[i] = start_child(p, s, i, count, ends[0]);
            rota_assert(i > 0 || pids[i] > 0);
        }
        close(ends[1]);
        going = wait_for_children(p, s, ends[0], count);
        close(ends[0]);
        if (going)
            reap_children(p, s, pids, processes);
        else
            kill_children(pids, processes);
    }
    if (going && p->progress != NULL)
        p->progress(p->context, count, count);
    rota_parallel_unshare(s, sizeof *s);
    return going;
}
