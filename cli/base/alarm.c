#include "cli/base/alarm.h"

#include <errno.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "model/base/assert.h"

#define ALARM_MAGIC ROTA_MAGIC('A', 'L', 'R', 'M')

rota_time rota_clock_boottime(void)
{
    struct timespec now;

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (rota_time)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void on_readable(uv_poll_t *poll, int status, int events)
{
    struct rota_alarm *a = rota_cast(struct rota_alarm, poll->data, ALARM_MAGIC);
    uint64_t times;

    (void)status;
    (void)events;
    if (read(a->descriptor, &times, sizeof times) == sizeof times) /* else it was set again */
        a->on_alarm(a);
}

int rota_alarm_open(struct rota_alarm *a, uv_loop_t *loop)
{
    rota_assert(a->on_alarm != NULL);
    a->when = ROTA_NEVER;
    a->poll.data = NULL;
    a->descriptor = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (a->descriptor < 0)
        return -errno;
    int rc = uv_poll_init(loop, &a->poll, a->descriptor);
    if (rc != 0) {
        close(a->descriptor);
        return rc;
    }
    a->magic = ALARM_MAGIC;
    a->poll.data = a;
    return uv_poll_start(&a->poll, UV_READABLE, on_readable);
}

void rota_alarm_set(struct rota_alarm *a, rota_time when)
{
    struct itimerspec timer = {0};

    rota_assert(a->magic == ALARM_MAGIC);
    a->when = when;
    if (when != ROTA_NEVER) {
        rota_time at = when > 0 ? when : 1; /* zero would clear the timer */

        timer.it_value.tv_sec = at / 1000000;
        timer.it_value.tv_nsec = at % 1000000 * 1000;
    }
    timerfd_settime(a->descriptor, TFD_TIMER_ABSTIME, &timer, NULL);
}

static void on_closed(uv_handle_t *handle)
{
    struct rota_alarm *a = rota_cast(struct rota_alarm, handle->data, ALARM_MAGIC);

    close(a->descriptor);
    a->magic = 0;
}

void rota_alarm_close(struct rota_alarm *a)
{
    if (a->poll.data != NULL && !uv_is_closing((uv_handle_t *)&a->poll))
        uv_close((uv_handle_t *)&a->poll, on_closed);
}
