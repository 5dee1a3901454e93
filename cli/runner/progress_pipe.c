#include "cli/runner/progress_pipe.h"

#include "model/base/assert.h"

#define PROGRESS_PIPE_MAGIC ROTA_MAGIC('P', 'R', 'G', 'R')

static void pass_on(struct rota_progress_pipe *p);

static void on_pause_over(uv_timer_t *timer)
{
    struct rota_progress_pipe *p =
        rota_cast(struct rota_progress_pipe, timer->data, PROGRESS_PIPE_MAGIC);

    p->paused = false;
    pass_on(p);
}

static void pass_on(struct rota_progress_pipe *p)
{
    if (!p->changed || p->paused)
        return;
    p->changed = false;
    p->paused = true;
    uv_timer_start(&p->timer, on_pause_over, ROTA_PROGRESS_PIPE_PAUSE_MS, 0);
    p->on_line(p, p->line);
}

static bool is_within_a_character(char c)
{
    return ((unsigned char)c & 0xc0u) == 0x80;
}

/* Ends a line that is too long. A character of several bytes that does not fit is removed as a
 * whole.
 */
static void cut(struct rota_progress_pipe *p, char next)
{
    p->full = true;
    if (!is_within_a_character(next))
        return;
    while (p->length > 0 && is_within_a_character(p->line[p->length - 1]))
        p->length--;
    p->length -= p->length > 0;
}

static void append(struct rota_progress_pipe *p, char c)
{
    if (p->ended)
        p->length = 0;
    p->full = p->full && !p->ended;
    p->ended = false;
    if (p->full)
        return;
    if (p->length == ROTA_PROGRESS_PIPE_LINE)
        cut(p, c);
    else
        p->line[p->length++] = (unsigned char)c < ' ' || c == 127 ? ' ' : c;
    p->line[p->length] = '\0';
    p->changed = p->length > 0;
}

void rota_progress_pipe_open(struct rota_progress_pipe *p, uv_loop_t *loop)
{
    rota_assert(p->on_line != NULL && p->on_closed != NULL);
    p->magic = PROGRESS_PIPE_MAGIC;
    uv_timer_init(loop, &p->timer);
    p->timer.data = p;
}

void rota_progress_pipe_take(struct rota_progress_pipe *p, const char *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (data[i] == '\n' || data[i] == '\r')
            p->ended = true;
        else
            append(p, data[i]);
    pass_on(p);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct rota_progress_pipe *p =
        rota_cast(struct rota_progress_pipe, handle->data, PROGRESS_PIPE_MAGIC);

    p->magic = 0;
    p->on_closed(p);
}

void rota_progress_pipe_close(struct rota_progress_pipe *p)
{
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}
