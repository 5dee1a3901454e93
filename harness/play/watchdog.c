#include "harness/play/watchdog.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/play/finding.h"
#include "model/base/assert.h"

/* A signal handler may only call functions that are safe there. */
static void on_timeout(int signal, siginfo_t *info, void *context)
{
    const struct rota_watchdog *w = info->si_value.sival_ptr;
    ssize_t written = write(STDERR_FILENO, w->sentence, strlen(w->sentence));

    (void)signal;
    (void)context;
    (void)written;
    _exit(ROTA_VERDICT_NO_PROGRESS);
}

static void set(struct rota_watchdog *w, unsigned seconds)
{
    struct itimerspec when = {.it_value = {.tv_sec = (time_t)seconds}};
    bool is_set = timer_settime(w->timer, 0, &when, NULL) == 0;

    rota_assert(is_set);
}

void rota_watchdog_begin(struct rota_watchdog *w, unsigned seconds, const char *sentence)
{
    struct sigaction action = {.sa_sigaction = on_timeout, .sa_flags = SA_SIGINFO};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGVTALRM};
    bool is_made;

    w->seconds = seconds;
    snprintf(w->sentence, sizeof w->sentence, "%.*s\n", (int)sizeof w->sentence - 2, sentence);
    event.sigev_value.sival_ptr = w;
    sigaction(SIGVTALRM, &action, NULL);
    is_made = timer_create(CLOCK_PROCESS_CPUTIME_ID, &event, &w->timer) == 0;
    rota_assert(is_made);
    set(w, seconds);
}

void rota_watchdog_reset(struct rota_watchdog *w)
{
    set(w, w->seconds);
}

void rota_watchdog_end(struct rota_watchdog *w)
{
    struct sigaction action = {.sa_handler = SIG_DFL};

    timer_delete(w->timer);
    sigaction(SIGVTALRM, &action, NULL);
}
