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

enum {
    HANDS_MOST = 256,
    GLANCE_MS = 100, /* between two looks at the progress */
};

/* What the children share. */
struct board {
    atomic_uint_fast64_t next; /* the job to begin */
    atomic_uint_fast64_t done;
    struct {
        atomic_uint_fast64_t job; /* under way, counted from 1; 0: none */
    } hands[HANDS_MOST];
};

void *rota_parallel_share(size_t size)
{
    void *memory = mmap(NULL, size == 0 ? 1 : size, PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    rota_assert(memory != MAP_FAILED);
    return memory;
}

void rota_parallel_unshare(void *memory, size_t size)
{
    munmap(memory, size == 0 ? 1 : size);
}

/* The life of a child. */
static void toil(const struct rota_parallel *crew, struct board *b, uint32_t hand, uint64_t count)
{
    uint64_t job;

    while ((job = atomic_fetch_add(&b->next, 1)) < count) {
        atomic_store(&b->hands[hand].job, job + 1);
        alarm(crew->patience_s);
        crew->work(crew->context, job);
        alarm(0);
        atomic_store(&b->hands[hand].job, 0);
        atomic_fetch_add(&b->done, 1);
    }
}

/* Begins a child; it holds the writing end of the pipe as long as it lives. */
static pid_t hire(const struct rota_parallel *crew, struct board *b, uint32_t hand, uint64_t count,
                  int reading)
{
    pid_t pid = fork();

    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(reading);
    toil(crew, b, hand, count);
    exit(EXIT_SUCCESS);
}

/* Waits until no child lives. False: they are to be ended. */
static bool watch(const struct rota_parallel *crew, struct board *b, int reading, uint64_t count)
{
    struct pollfd end = {.fd = reading, .events = POLLIN};

    while (poll(&end, 1, GLANCE_MS) <= 0) {
        if (crew->stopped != NULL && crew->stopped(crew->context))
            return false;
        if (crew->progress != NULL)
            crew->progress(crew->context, atomic_load(&b->done), count);
    }
    return true;
}

static void dismiss(const pid_t *pids, uint32_t hands)
{
    for (uint32_t i = 0; i < hands; i++) {
        if (pids[i] > 0)
            kill(pids[i], SIGKILL);
    }
    for (uint32_t i = 0; i < hands; i++) {
        while (pids[i] > 0 && waitpid(pids[i], NULL, 0) < 0 && errno == EINTR)
            ;
    }
}

/* Takes the last of each child. */
static void pay_off(const struct rota_parallel *crew, struct board *b, const pid_t *pids,
                    uint32_t hands)
{
    for (uint32_t i = 0; i < hands; i++) {
        uint64_t job = atomic_load(&b->hands[i].job);
        int status = 0;

        if (pids[i] <= 0)
            continue;
        while (waitpid(pids[i], &status, 0) < 0 && errno == EINTR)
            ;
        if (job > 0) {
            crew->died(crew->context, job - 1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
            atomic_store(&b->hands[i].job, 0);
            atomic_fetch_add(&b->done, 1);
        }
    }
}

static uint32_t hands_of(const struct rota_parallel *crew, uint64_t count)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uint64_t hands = crew->hands > 0 ? crew->hands : cores > 0 ? (uint64_t)cores : 1;

    if (hands > count)
        hands = count;
    return hands > HANDS_MOST ? HANDS_MOST : (uint32_t)hands;
}

bool rota_parallel_run(const struct rota_parallel *crew, uint64_t count)
{
    struct board *b = rota_parallel_share(sizeof *b);
    uint32_t hands = hands_of(crew, count);
    pid_t pids[HANDS_MOST];
    bool going = true;
    int ends[2];

    /* A child that died leaves jobs behind: another crew takes them up. */
    while (going && atomic_load(&b->next) < count) {
        bool hired = pipe(ends) == 0;

        rota_assert(hired);
        for (uint32_t i = 0; i < hands; i++) {
            pids[i] = hire(crew, b, i, count, ends[0]);
            rota_assert(i > 0 || pids[i] > 0);
        }
        close(ends[1]);
        going = watch(crew, b, ends[0], count);
        close(ends[0]);
        if (going)
            pay_off(crew, b, pids, hands);
        else
            dismiss(pids, hands);
    }
    if (going && crew->progress != NULL)
        crew->progress(crew->context, count, count);
    rota_parallel_unshare(b, sizeof *b);
    return going;
}
