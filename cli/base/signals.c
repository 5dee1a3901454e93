#include "cli/base/signals.h"

#include <signal.h>

#include "model/base/assert.h"

#define SIGNALS_MAGIC ROTA_MAGIC('S', 'G', 'N', 'L')

enum { COUNT = 3 };

static void on_signal(uv_signal_t *handle, int number)
{
    struct rota_signals *s = rota_cast(struct rota_signals, handle->data, SIGNALS_MAGIC);

    s->on_signal(s, number, ++s->times);
}

void rota_signals_open(struct rota_signals *s, uv_loop_t *loop)
{
    static const int numbers[COUNT] = {SIGINT, SIGTERM, SIGHUP};

    rota_assert(s->on_signal != NULL);
    s->magic = SIGNALS_MAGIC;
    for (int i = 0; i < COUNT; i++) {
        uv_signal_init(loop, &s->handles[i]);
        s->handles[i].data = s;
        uv_signal_start(&s->handles[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&s->handles[i]);
    }
}

void rota_signals_close(struct rota_signals *s)
{
    rota_assert(s->magic == SIGNALS_MAGIC);
    s->magic = 0;
    for (int i = 0; i < COUNT; i++)
        uv_close((uv_handle_t *)&s->handles[i], NULL);
}
