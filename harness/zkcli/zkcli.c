#include "harness/zkcli/zkcli.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/zkcli/tree_commands.h"
#include "model/base/assert.h"
#include "system/memory.h"

enum { HISTORY_SHOWN = 10 };

/* ---- the session ---- */

static bool alive(const struct rota_zkcli *z)
{
    return z->state == ROTA_ZKCLI_CONNECTING || z->state == ROTA_ZKCLI_CONNECTED;
}

static void open_handle(struct rota_zkcli *z)
{
    z->state = ROTA_ZKCLI_CONNECTING;
    z->handle = z->config.backend->ops->open(z->config.backend, NULL);
}

static bool close_start(struct rota_zkcli *z)
{
    return rota_zkcommand_ask(z, &(struct rota_operation){.op = ROTA_OP_CLOSE});
}

static bool close_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    (void)z;
    (void)reply; /* the answer comes as an event of the session */
    return false;
}

static bool connect_now(struct rota_zkcli *z)
{
    if (z->config.connect != NULL) {
        struct rota_backend *other = z->config.connect(z->config.context, z->reopen);

        if (other == NULL) {
            z->failed = true;
            return true;
        }
        z->config.backend = other;
    }
    free(z->name);
    z->name = z->reopen;
    z->reopen = NULL;
    open_handle(z);
    return true;
}

static bool connect_start(struct rota_zkcli *z)
{
    free(z->reopen);
    z->reopen = rota_memory_text(z->options.count > 1 ? rota_zkcommand_word(z, 1)->text : z->name);
    return alive(z) ? close_start(z) : connect_now(z);
}

static bool quit_start(struct rota_zkcli *z)
{
    z->quit = !alive(z);
    return z->quit || close_start(z);
}

/* ---- the shell's own commands ---- */

/* The real zkCli prints this after each command of its own, whatever the command has printed. */
static bool answer_own(struct rota_zkcli *z)
{
    if (!alive(z))
        rota_zktext_print(&z->line, "Not connected\n");
    return rota_zkcommand_answer(z);
}

static bool history_start(struct rota_zkcli *z)
{
    uint32_t count = z->history.count;

    for (uint32_t i = count > HISTORY_SHOWN ? count - HISTORY_SHOWN - 1 : 0; i < count; i++)
        rota_zktext_print(&z->line, "%" PRIu32 " - %s\n", i, z->history.items[i]);
    return answer_own(z);
}

static bool print_watches_start(struct rota_zkcli *z)
{
    if (z->options.count > 1)
        z->print_watches = strcmp(rota_zkcommand_word(z, 1)->text, "on") == 0;
    else
        rota_zktext_print(&z->line, "printwatches is %s\n", z->print_watches ? "on" : "off");
    return answer_own(z);
}

static bool redo_start(struct rota_zkcli *z);
static bool help_start(struct rota_zkcli *z);

/* Commands without `reply` need no live session. */
static const struct rota_zkcommand own_commands[] = {
    {"close", "", NULL, 0, NULL, close_start, close_reply},
    {"connect", "host:port", NULL, 0, NULL, connect_start, NULL},
    {"help", "", NULL, 0, NULL, help_start, NULL},
    {"history", "", NULL, 0, NULL, history_start, NULL},
    {"printwatches", "on|off", NULL, 0, NULL, print_watches_start, NULL},
    {"quit", "", NULL, 0, NULL, quit_start, NULL},
    {"redo", "cmdno", NULL, 0, NULL, redo_start, NULL},
    {0},
};

/* Commands of zkCli that are not offered here. */
static const char *const not_offered[] = {
    "addWatch",      "config",    "delquota", "getAllChildrenNumber",
    "getEphemerals", "listquota", "reconfig", "removewatches",
    "setquota",      "version",   "whoami",
};

static const struct rota_zkcommand *find_in(const struct rota_zkcommand *c, const char *name)
{
    while (c->name != NULL && strcmp(c->name, name) != 0)
        c++;
    return c->name != NULL ? c : NULL;
}

static const struct rota_zkcommand *find(const char *name)
{
    const struct rota_zkcommand *c = find_in(rota_zk_tree_commands, name);

    return c != NULL ? c : find_in(own_commands, name);
}

/* Adds the names that begin with the token. */
static void add_names(struct rota_zklist *l, const struct rota_zkcommand *c, const char *token,
                      size_t length)
{
    for (; c->name != NULL; c++)
        if (strncmp(c->name, token, length) == 0)
            rota_zklist_add(l, c->name, strlen(c->name));
}

static void list_names(struct rota_zklist *l, const char *token, size_t length)
{
    add_names(l, rota_zk_tree_commands, token, length);
    add_names(l, own_commands, token, length);
    rota_zklist_sort(l);
}

static void list_commands(struct rota_zkcli *z)
{
    struct rota_zklist names = {0};

    list_names(&names, "", 0);
    for (uint32_t i = 0; i < names.count; i++)
        rota_zktext_print(&z->line, "\t%s %s\n", names.items[i], find(names.items[i])->usage);
    rota_zklist_clear(&names);
}

static bool help_start(struct rota_zkcli *z)
{
    list_commands(z);
    return rota_zkcommand_answer(z);
}

/* ---- running a command ---- */

/* "PATH true" in place of "-w PATH": the syntax of ZooKeeper before 3.5. */
static bool read_deprecated(struct rota_zkcli *z)
{
    const struct rota_zkcommand *c = z->command;

    if (c->deprecated == NULL || z->options.count < 3)
        return true;
    if (!z->config.old) {
        rota_zktext_print(&z->line, "'%s' has been deprecated. Please use '%s %s' instead.\n",
                          c->deprecated, c->name, c == find("ls") ? "[-w] path" : c->usage);
        rota_zkcommand_print(z, ROTA_ZKCLI_ERR);
    }
    if (strchr(c->letters, 'w') != NULL)
        rota_zkline_replace(&z->words, 2, "-w");
    return rota_zkoptions_read(&z->options, &z->words, c->letters);
}

static bool refuse_options(struct rota_zkcli *z)
{
    if (z->options.fault == ROTA_ZKOPTIONS_UNKNOWN)
        rota_zktext_print(
            &z->line,
            "org.apache.commons.cli.UnrecognizedOptionException: Unrecognized option: %s\n",
            z->options.wrong);
    else
        rota_zktext_print(
            &z->line,
            "org.apache.commons.cli.MissingArgumentException: Missing argument for option: %s\n",
            z->options.wrong);
    return rota_zkcommand_refuse(z);
}

static bool refuse_usage(struct rota_zkcli *z)
{
    rota_zktext_print(&z->line, "%s %s\n", z->command->name, z->command->usage);
    return rota_zkcommand_refuse(z);
}

static void print_ls_help(struct rota_zkcli *z)
{
    rota_zktext_print(&z->line, "usage: ls [options] path\n"
                                " -?   help\n"
                                " -R   recurse\n"
                                " -s   stat\n"
                                " -w   watch\n");
    rota_zkcommand_print(z, ROTA_ZKCLI_OUT);
}

static bool start(struct rota_zkcli *z)
{
    const struct rota_zkcommand *c = z->command;

    if (!alive(z) && c->reply != NULL)
        return rota_zkcommand_refuse_with(z, "Not connected");
    if (c->letters == NULL) {
        z->options = (struct rota_zkoptions){0};
        for (uint32_t i = 0; i < z->words.count && i < ROTA_ZKWORDS_MAX; i++)
            z->options.words[z->options.count++] = z->words.words[i];
        return c->start(z);
    }
    if (!rota_zkoptions_read(&z->options, &z->words, c->letters))
        return refuse_options(z);
    if (rota_zkcommand_given(z, '?'))
        print_ls_help(z);
    if (z->options.count < c->words)
        return refuse_usage(z);
    if (!read_deprecated(z))
        return refuse_options(z);
    return c->start(z);
}

static bool refuse_unknown(struct rota_zkcli *z, const char *name)
{
    for (size_t i = 0; i < sizeof not_offered / sizeof *not_offered; i++) {
        if (strcmp(not_offered[i], name) == 0) {
            rota_zktext_print(&z->line, "%s is a command of zkCli that is not offered here\n",
                              name);
            return rota_zkcommand_refuse(z);
        }
    }
    list_commands(z);
    rota_zktext_print(&z->line, "Command not found: Command not found %s\n", name);
    return rota_zkcommand_refuse(z);
}

/* After a redone command the real zkCli continues to the point where it checks for a live session.
 */
static void finish(struct rota_zkcli *z)
{
    if (z->redone && !z->quit)
        answer_own(z);
    z->redone = false;
    z->command = NULL;
    rota_zklist_clear(&z->list);
    rota_zklist_clear(&z->visits);
    z->next = 0;
    z->has_begun = false;
}

static bool is_blank(const char *line, size_t length)
{
    while (length > 0 && (line[length - 1] == ' ' || line[length - 1] == '\t'))
        length--;
    return length == 0;
}

static bool run(struct rota_zkcli *z)
{
    const char *name = z->words.words[0].text;

    z->command = strlen(name) == z->words.words[0].length ? find(name) : NULL;
    return z->command != NULL ? start(z) : refuse_unknown(z, name);
}

static bool redo_start(struct rota_zkcli *z)
{
    struct rota_zkline words = {0};
    const char *line;
    int64_t index;

    if (z->options.count < 2)
        return alive(z) || rota_zkcommand_refuse_with(z, "Not connected");
    if (!rota_zkcommand_number(rota_zkcommand_word(z, 1)->text, 0, (int64_t)z->history.count - 2,
                               &index))
        return rota_zkcommand_refuse_with(z, "Command index out of range");
    line = z->history.items[index];
    rota_zkline_read(&words, line, strlen(line));
    if (strcmp(words.words[0].text, "redo") == 0) {
        rota_zkline_close(&words);
        return rota_zkcommand_refuse_with(z, "No redoing redos");
    }
    rota_zkline_close(&z->words);
    z->words = words;
    free(z->history.items[--z->history.count]);
    rota_zklist_add(&z->history, line, strlen(line));
    z->redone = true;
    return run(z);
}

/* ---- completion ---- */

static bool complete_reply(struct rota_zkcli *z, const struct rota_reply *reply)
{
    const char *prefix = z->visits.items[0];
    const char **names;

    if (reply->rc != ROTA_ERR_OK)
        return true;
    names = rota_zkcommand_names(reply);
    for (uint32_t i = 0; i < reply->child_count; i++)
        if (strncmp(names[i], prefix, strlen(prefix)) == 0)
            rota_zklist_add(&z->candidates, names[i], strlen(names[i]));
    free(names);
    return true;
}

static bool complete_path(struct rota_zkcli *z, const char *token, size_t length)
{
    static const struct rota_zkcommand completion = {.name = "", .reply = complete_reply};
    struct rota_zktext complaint = {0};
    size_t slash = length;
    const char *parent;
    bool is_valid;

    while (token[slash - 1] != '/')
        slash--;
    z->from += slash;
    rota_zklist_add(&z->visits, token + slash, length - slash);
    rota_zklist_add(&z->visits, token, slash > 1 ? slash - 1 : 1);
    parent = z->visits.items[1];
    is_valid = alive(z) && rota_zktext_path_check(&complaint, parent, strlen(parent), false);
    rota_zktext_close(&complaint);
    z->command = &completion;
    return !is_valid || rota_zkcommand_ask_path(z, ROTA_OP_CHILDREN, parent, false);
}

/* ---- public ---- */

void rota_zkcli_complete(struct rota_zkcli *z, const char *line, size_t length)
{
    size_t begin = length;
    bool finished = true;

    rota_assert(!rota_zkcli_busy(z));
    rota_zklist_clear(&z->candidates);
    while (begin > 0 && line[begin - 1] != ' ')
        begin--;
    z->from = begin;
    if (begin < length && line[begin] == '/')
        finished = complete_path(z, line + begin, length - begin);
    else if (begin == 0)
        list_names(&z->candidates, line, length);
    if (finished)
        finish(z);
}

const char *const *rota_zkcli_candidates(const struct rota_zkcli *z, uint32_t *count, size_t *from)
{
    *count = z->candidates.count;
    *from = z->from;
    return (const char *const *)z->candidates.items;
}

void rota_zkcli_command(struct rota_zkcli *z, const char *line, size_t length)
{
    rota_assert(!rota_zkcli_busy(z));
    rota_zkline_read(&z->words, line, length);
    if (z->words.count == 0 || is_blank(line, length))
        return;
    z->failed = z->failed && strcmp(z->words.words[0].text, "quit") == 0;
    rota_zklist_add(&z->history, line, length);
    if (run(z))
        finish(z);
}

/* ---- events ---- */

static void print_event(struct rota_zkcli *z, const char *state, const char *type, const char *path)
{
    if (!z->print_watches)
        return;
    rota_zktext_event(&z->line, state, type, path);
    rota_zkcommand_print(z, ROTA_ZKCLI_OUT);
}

/* The end of the handle finishes the running command. */
static void end_command(struct rota_zkcli *z, bool asked_for)
{
    const struct rota_zkcommand *c = z->command;

    if (c == NULL)
        return;
    if (c->start == connect_start) {
        connect_now(z);
    } else if (c->start == quit_start) {
        z->quit = true;
    } else if (!asked_for && !z->failed && c->start != NULL && c->start != close_start) {
        rota_zktext_refusal(&z->line, ROTA_ERR_SESSION_EXPIRED, z->asked_path);
        rota_zkcommand_refuse(z);
    }
    finish(z);
}

static void end_session(struct rota_zkcli *z, enum rota_zkcli_state state, const char *word_of_it)
{
    z->state = state;
    if (word_of_it != NULL)
        print_event(z, word_of_it, "None", NULL);
    if (z->config.session_events && state == ROTA_ZKCLI_CLOSED)
        print_event(z, "Closed", "None", NULL);
    end_command(z, word_of_it == NULL);
}

static void handle_session_event(struct rota_zkcli *z, enum rota_session_state state)
{
    switch (state) {
    case ROTA_SESSION_CONNECTED:
        z->state = ROTA_ZKCLI_CONNECTED;
        if (z->config.session_events)
            print_event(z, "SyncConnected", "None", NULL);
        return;
    case ROTA_SESSION_DISCONNECTED:
        z->state = ROTA_ZKCLI_CONNECTING;
        if (z->config.session_events)
            print_event(z, "Disconnected", "None", NULL);
        return;
    case ROTA_SESSION_EXPIRED:
        end_session(z, ROTA_ZKCLI_CLOSED, "Expired");
        return;
    case ROTA_SESSION_AUTH_FAILED:
        end_session(z, ROTA_ZKCLI_AUTH_FAILED, "AuthFailed");
        return;
    case ROTA_SESSION_CLOSED:
    case ROTA_SESSION_UNREACHABLE:
        end_session(z, ROTA_ZKCLI_CLOSED, NULL);
        return;
    }
}

void rota_zkcli_handle_event(struct rota_zkcli *z, const struct rota_handle_event *event)
{
    if (event->handle != z->handle)
        return;
    switch (event->kind) {
    case ROTA_HANDLE_REPLY:
        if (z->command != NULL && event->reply.tag == z->tag && z->command->reply != NULL &&
            z->command->reply(z, &event->reply))
            finish(z);
        return;
    case ROTA_HANDLE_WATCH:
        print_event(z, "SyncConnected", rota_zktext_watch_name(event->watch.kind),
                    event->watch.path);
        return;
    case ROTA_HANDLE_SESSION:
        handle_session_event(z, event->session.state);
        return;
    }
}

/* ---- looking ---- */

bool rota_zkcli_busy(const struct rota_zkcli *z)
{
    return z->command != NULL;
}

bool rota_zkcli_failed(const struct rota_zkcli *z)
{
    return z->failed;
}

bool rota_zkcli_connected(const struct rota_zkcli *z)
{
    return z->state == ROTA_ZKCLI_CONNECTED;
}

bool rota_zkcli_ended(const struct rota_zkcli *z)
{
    return !alive(z);
}

bool rota_zkcli_quit(const struct rota_zkcli *z)
{
    return z->quit;
}

const char *rota_zkcli_text(const struct rota_zkcli *z, size_t *length)
{
    *length = z->text.length;
    return z->text.data != NULL ? z->text.data : "";
}

void rota_zkcli_forget_text(struct rota_zkcli *z)
{
    rota_zktext_close(&z->text);
}

void rota_zkcli_prompt(const struct rota_zkcli *z, char *text, size_t size)
{
    static const char *const states[] = {
        [ROTA_ZKCLI_CONNECTING] = "CONNECTING",
        [ROTA_ZKCLI_CONNECTED] = "CONNECTED",
        [ROTA_ZKCLI_CLOSED] = "CLOSED",
        [ROTA_ZKCLI_AUTH_FAILED] = "AUTH_FAILED",
    };

    snprintf(text, size, "[zk: %s(%s) %" PRIu32 "] ", z->name, states[z->state], z->history.count);
}

struct rota_zkcli *rota_zkcli_open(const struct rota_zkcli_config *config)
{
    struct rota_zkcli *z = rota_memory_zeroed(1, sizeof *z);

    z->config = *config;
    z->name = rota_memory_text(config->name);
    z->print_watches = true;
    open_handle(z);
    return z;
}

void rota_zkcli_close(struct rota_zkcli *z)
{
    finish(z);
    rota_zklist_clear(&z->history);
    rota_zklist_clear(&z->candidates);
    rota_zkline_close(&z->words);
    rota_zktext_close(&z->text);
    rota_zktext_close(&z->line);
    free(z->asked_path);
    free(z->reopen);
    free(z->name);
    free(z);
}
