#include "harness/language/parse_who.h"

#include <ctype.h>
#include <string.h>

#include "harness/language/names.h"

static uint32_t number_of(const struct rota_cluster *c, enum rota_who_kind kind)
{
    switch (kind) {
    case ROTA_WHO_MASTER:
        return c->masters;
    case ROTA_WHO_WORKER:
        return c->workers;
    case ROTA_WHO_CLIENT:
        return c->clients;
    default:
        return c->servers;
    }
}

/* The number in a name, without leading zeros; UINT32_MAX if it is larger. */
static bool read_digits(const char *text, uint64_t *number)
{
    size_t length = strlen(text);

    if (length == 0 || strspn(text, "0123456789") != length || (length > 1 && text[0] == '0'))
        return false;
    if (!rota_number_read(text, length, UINT32_MAX, number))
        *number = UINT32_MAX;
    return true;
}

/* W2 and w02 are near to w2; any other word is compared to the list. */
static bool unknown_name(struct rota_parser *p, const struct rota_token *word)
{
    char letter = (char)tolower((unsigned char)word->text[0]);
    const char *digits = word->text + (letter != '\0');
    uint64_t number;

    digits += strspn(digits, "0");
    if (letter == '\0' || strchr("mwcso", letter) == NULL || !read_digits(digits, &number))
        return rota_parser_unknown(p, rota_word_whole(word), "the name of a process",
                                   ROTA_KEYWORD_WHO);
    return ROTA_TOKEN_FAIL(&p->lexer, word,
                           "\"%.40s\" is not the name of a process; did you mean \"%c%.20s\"?",
                           word->text, letter, digits);
}

/* m1, w2, c1, s1, o1: a letter and a number that exists. */
static bool read_name(struct rota_parser *p, const struct rota_token *word, struct rota_who *who)
{
    static const char letters[] = "mwcso";
    static const enum rota_who_kind kinds[] = {ROTA_WHO_MASTER, ROTA_WHO_WORKER, ROTA_WHO_CLIENT,
                                               ROTA_WHO_SERVER, ROTA_WHO_OPERATOR};
    static const char *const names[] = {"master", "worker", "client", "server"};
    const char *letter = word->text[0] == '\0' ? NULL : strchr(letters, word->text[0]);
    uint64_t number;
    uint32_t have;
    size_t i;

    if (letter == NULL || !read_digits(word->text + 1, &number))
        return unknown_name(p, word);
    i = (size_t)(letter - letters);
    if (number == 0)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "there is no %.40s: names are numbered from 1",
                               word->text);
    *who = (struct rota_who){kinds[i], (uint32_t)number};
    if (who->kind == ROTA_WHO_OPERATOR) {
        rota_parser_defer_name(p, false, who->number);
        return true;
    }
    have = number_of(&p->s->cluster, kinds[i]);
    if (number > have && have == 0)
        return ROTA_TOKEN_FAIL(&p->lexer, word, "there is no %.40s: the cluster has no %ss",
                               word->text, names[i]);
    if (number > have)
        return ROTA_TOKEN_FAIL(&p->lexer, word,
                               "there is no %.40s: the cluster has %u %s%s; did you mean \"%c%u\"?",
                               word->text, have, names[i], have == 1 ? "" : "s", *letter, have);
    return true;
}

static bool take_any(struct rota_parser *p, struct rota_who *who)
{
    static const char *const sets[] = {"leader", "standby", "all", NULL};
    static const enum rota_who_kind kinds[] = {ROTA_WHO_LEADER, ROTA_WHO_STANDBY, ROTA_WHO_ALL};
    const struct rota_token *word = rota_parser_take(p, "the name of a process");

    if (word == NULL)
        return false;
    p->has_used_names = true;
    for (int i = 0; sets[i] != NULL; i++) {
        if (strcmp(word->text, sets[i]) != 0)
            continue;
        *who = (struct rota_who){kinds[i], 0};
        return true;
    }
    if (!rota_token_is(word, "any"))
        return read_name(p, word, who);
    if (!rota_parser_accept(p, "worker"))
        return ROTA_TOKEN_FAIL(&p->lexer, word, "\"any\" must be followed by \"worker\"");
    *who = (struct rota_who){ROTA_WHO_ANY_WORKER, 0};
    return true;
}

bool rota_parser_take_who(struct rota_parser *p, unsigned kinds, const char *what,
                          struct rota_who *who)
{
    const struct rota_token *word = rota_parser_peek(p);

    if (!take_any(p, who))
        return false;
    return (kinds & 1u << who->kind) != 0 ||
           ROTA_TOKEN_FAIL(&p->lexer, word, "\"%.40s\" is not %s", word->text, what);
}
