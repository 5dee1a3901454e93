#include "cli/base/line.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "cli/base/byte_buffer.h"
#include "system/memory.h"

enum {
    HISTORY_LINES = 1000,
    CHUNK = 65536,
    PROMPT_SIZE = 512,
};

struct rota_line {
    struct rota_line_config config;
    EditLine *editor; /* NULL: no terminal */
    History *history;
    char prompt[PROMPT_SIZE];
    bool typing;

    /* Used if there is no terminal: the bytes read, and how many of them were returned as lines. */
    struct rota_byte_buffer input;
    size_t returned;
    bool ended;
};

/* ---- terminal ---- */

static struct rota_line *line_of(EditLine *editor)
{
    struct rota_line *l = NULL;

    el_get(editor, EL_CLIENTDATA, &l);
    return l;
}

static char *show_prompt(EditLine *editor)
{
    struct rota_line *l = line_of(editor);

    l->config.prompt(l->config.context, l->prompt, sizeof l->prompt);
    return l->prompt;
}

/* Reads one character of the locale's encoding; bytes that form no character are skipped. */
static int read_character(EditLine *editor, wchar_t *character)
{
    struct rota_line *l = line_of(editor);
    mbstate_t state = {0};

    for (;;) {
        char byte;

        if (!l->config.wait(l->config.context))
            return 0;
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        size_t used = mbrtowc(character, &byte, 1, &state);
        if (used == (size_t)-1)
            memset(&state, 0, sizeof state);
        else if (used != (size_t)-2)
            return 1;
    }
}

static size_t common_prefix(const struct rota_line_candidates *c)
{
    size_t length = strlen(c->texts[0]);

    for (uint32_t i = 1; i < c->count; i++) {
        size_t same = 0;

        while (same < length && c->texts[i][same] == c->texts[0][same])
            same++;
        length = same;
    }
    return length;
}

static void list_candidates(const struct rota_line_candidates *c)
{
    putchar('\n');
    for (uint32_t i = 0; i < c->count; i++)
        printf("%s%s", i > 0 ? "   " : "", c->texts[i]);
    putchar('\n');
    fflush(stdout);
}

static unsigned char complete(EditLine *editor, int key)
{
    struct rota_line *l = line_of(editor);
    const LineInfo *line = el_line(editor);
    size_t length = (size_t)(line->cursor - line->buffer);
    struct rota_line_candidates candidates = {0};

    (void)key;
    l->config.complete(l->config.context, line->buffer, length, &candidates);
    if (candidates.count == 0)
        return CC_ERROR;
    size_t typed = length - candidates.from;
    size_t prefix = common_prefix(&candidates);
    if (prefix > typed) {
        char *rest = rota_memory_text(candidates.texts[0] + typed);

        rest[prefix - typed] = '\0';
        el_insertstr(editor, rest);
        free(rest);
    }
    if (candidates.count == 1 && candidates.from == 0)
        el_insertstr(editor, " ");
    if (candidates.count == 1 || prefix > typed)
        return CC_REFRESH;
    list_candidates(&candidates);
    return CC_REDISPLAY;
}

static void open_editor(struct rota_line *l)
{
    HistEvent event;

    setlocale(LC_CTYPE, "");
    l->editor = el_init("rota", stdin, stdout, stderr);
    if (l->editor == NULL)
        return;
    l->history = history_init();
    el_set(l->editor, EL_CLIENTDATA, l);
    el_set(l->editor, EL_PROMPT, show_prompt);
    el_set(l->editor, EL_EDITOR, "emacs");
    el_set(l->editor, EL_SIGNAL, 1);
    el_set(l->editor, EL_GETCFN, read_character);
    /* The wide function is used because the library never frees the copies that the narrow one
     * makes. */
    el_wset(l->editor, EL_ADDFN, L"rota-complete", L"complete a command or a path", complete);
    el_set(l->editor, EL_BIND, "^I", "rota-complete", NULL);
    if (l->history != NULL) {
        history(l->history, &event, H_SETSIZE, HISTORY_LINES);
        history(l->history, &event, H_SETUNIQUE, 1);
        el_set(l->editor, EL_HIST, history, l->history);
    }
    el_source(l->editor, NULL);
}

static const char *edit(struct rota_line *l, size_t *length)
{
    HistEvent event;
    int count = 0;

    l->typing = true;
    /* The library would show the prompt before it sets the terminal's mode, and a Ctrl-D typed in
     * between would be lost. */
    el_set(l->editor, EL_PREP_TERM, 1);
    const char *text = el_gets(l->editor, &count);
    l->typing = false;
    if (text == NULL || count <= 0)
        return NULL;
    *length = (size_t)count;
    if (text[*length - 1] == '\n')
        --*length;
    if (*length > 0 && l->history != NULL)
        history(l->history, &event, H_ENTER, text);
    return text;
}

/* ---- file or pipe ---- */

/* Reads more bytes. False at the end of the input. */
static bool read_more(struct rota_line *l)
{
    rota_byte_buffer_drop(&l->input, l->returned);
    l->returned = 0;
    if (!l->config.wait(l->config.context)) {
        l->input.length = 0;
        return false;
    }
    ssize_t got = read(STDIN_FILENO, rota_byte_buffer_reserve(&l->input, CHUNK), CHUNK);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got > 0)
        l->input.length += (size_t)got;
    return got > 0;
}

static const char *find_newline(const struct rota_line *l)
{
    return memchr(l->input.data + l->returned, '\n', l->input.length - l->returned);
}

static const char *take_line(struct rota_line *l, size_t *length)
{
    const char *end = NULL;

    while (!l->ended && (end = find_newline(l)) == NULL)
        l->ended = !read_more(l);
    if (l->ended)
        end = find_newline(l);
    const char *text = l->input.data + l->returned;
    if (end == NULL && l->returned == l->input.length)
        return NULL;
    *length = (end != NULL ? (size_t)(end - l->input.data) : l->input.length) - l->returned;
    l->returned += *length + (end != NULL ? 1 : 0);
    if (*length > 0 && text[*length - 1] == '\r')
        --*length;
    return text;
}

/* ---- both ---- */

struct rota_line *rota_line_open(const struct rota_line_config *config)
{
    struct rota_line *l = rota_memory_zeroed(1, sizeof *l);

    l->config = *config;
    rota_byte_buffer_reserve(&l->input, CHUNK);
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        open_editor(l);
    return l;
}

bool rota_line_terminal(const struct rota_line *l)
{
    return l->editor != NULL;
}

const char *rota_line_read(struct rota_line *l, size_t *length)
{
    return l->editor != NULL ? edit(l, length) : take_line(l, length);
}

void rota_line_show(struct rota_line *l)
{
    if (l->typing)
        el_set(l->editor, EL_REFRESH);
}

void rota_line_close(struct rota_line *l)
{
    if (l->history != NULL)
        history_end(l->history);
    if (l->editor != NULL)
        el_end(l->editor);
    rota_byte_buffer_close(&l->input);
    free(l);
}
