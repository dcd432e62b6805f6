// SPDX-License-Identifier: GPL-2.0
/*
 * Says why symbols of a kernel configuration have the values that they have. Linked with the objects of the
 * kernel's own scripts/kconfig, so that it reads Kconfig files exactly as the build does.
 *
 * It is run by Kbuild in the place of `conf` (see kernel/build.sh), which gives it the top Kconfig file as its last
 * argument and sets up the environment that Kconfig files read. So its own parameters come from the environment:
 *   KCONFIG_WHY_NAMES  a file with one symbol name a line, without CONFIG_
 *   KCONFIG_WHY_OUT    the file to write
 *
 * Output: lines of `KEY<TAB>TEXT`. One `known` line for each symbol of the tree that has a type; then for each
 * requested name a block that begins with `symbol NAME` and has, where they apply:
 *   type     bool, tristate, int, hex, string
 *   value    as it is in the configuration (n where it is not set)
 *   place    file:line of its definition
 *   limit    y, m, n: the most that its prompt's conditions allow; absent if it has no prompt
 *   depends  the conditions of its prompt, with the value of each symbol, as `NET [=y] && FOO [=n]`
 *   unmet    a term of these conditions that is below y (several lines, one each)
 *   selected a `select` that forces it on now (several lines)
 *   select   a `select` that could turn it on (several lines)
 *   choice   for a member of a choice: the name of the member that is chosen
 *   range    for int and hex: `MIN MAX`
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "lkc.h"

static const char tristate_name[] = { [no] = 'n', [mod] = 'm', [yes] = 'y' };

static void die(const char *what, const char *name)
{
	fprintf(stderr, "kconfig-why: %s: %s\n", what, name ? name : "(not set)");
	exit(1);
}

static void print_line(FILE *out, const char *key, const char *text)
{
	fprintf(out, "%s\t%s\n", key, text);
}

static void print_expr(FILE *out, const char *key, const struct expr *e)
{
	struct gstr text = str_new();

	expr_gstr_print(e, &text);
	print_line(out, key, str_get(&text));
	str_free(&text);
}

/* The terms of a conjunction that are not y. */
static void print_unmet(FILE *out, struct expr *e)
{
	if (!e)
		return;
	if (e->type == E_AND) {
		print_unmet(out, e->left.expr);
		print_unmet(out, e->right.expr);
	} else if (expr_calc_value(e) != yes) {
		print_expr(out, "unmet", e);
	}
}

/* The reverse dependencies are one disjunction: a line for each of its terms. */
static void print_selects(FILE *out, struct expr *e)
{
	if (!e)
		return;
	if (e->type == E_OR) {
		print_selects(out, e->left.expr);
		print_selects(out, e->right.expr);
	} else {
		print_expr(out, expr_calc_value(e) == no ? "select" : "selected", e);
	}
}

static void print_prompt(FILE *out, const struct symbol *sym)
{
	struct property *prop, *best = NULL;

	/* A symbol can be defined several times: what counts is the prompt that allows the most. */
	for_all_prompts(sym, prop) {
		if (prop->type != P_PROMPT && prop->type != P_MENU)
			continue;
		if (!best || expr_calc_value(prop->visible.expr) > expr_calc_value(best->visible.expr))
			best = prop;
	}
	if (!best)
		return;
	fprintf(out, "limit\t%c\n", tristate_name[expr_calc_value(best->visible.expr)]);
	if (expr_is_yes(best->visible.expr))
		return;
	print_expr(out, "depends", best->visible.expr);
	print_unmet(out, best->visible.expr);
}

static void print_choice(FILE *out, const struct symbol *sym)
{
	struct menu *choice = sym_get_choice_menu(sym);
	struct symbol *chosen = choice ? sym_calc_choice(choice) : NULL;

	if (choice)
		print_line(out, "choice", chosen ? chosen->name : "");
}

static void print_range(FILE *out, struct symbol *sym)
{
	struct property *prop = sym_get_range_prop(sym);

	if (!prop)
		return;
	fprintf(out, "range\t%s %s\n", sym_get_string_value(prop->expr->left.sym),
		sym_get_string_value(prop->expr->right.sym));
}

static void print_symbol(FILE *out, const char *name)
{
	struct symbol *sym = sym_find(name);
	struct menu *menu;

	print_line(out, "symbol", name);
	if (!sym || sym->type == S_UNKNOWN)
		return;
	sym_calc_value(sym);
	print_line(out, "type", sym_type_name(sym->type));
	print_line(out, "value", sym_get_string_value(sym));
	list_for_each_entry(menu, &sym->menus, link)
		fprintf(out, "place\t%s:%d\n", menu->filename, menu->lineno);
	print_prompt(out, sym);
	print_selects(out, sym->rev_dep.expr);
	print_choice(out, sym);
	if (sym->type == S_INT || sym->type == S_HEX)
		print_range(out, sym);
}

static FILE *open_from_env(const char *variable, const char *mode)
{
	const char *path = getenv(variable);
	FILE *file = path ? fopen(path, mode) : NULL;

	if (!file)
		die(variable, path);
	return file;
}

int main(int argc, char **argv)
{
	char name[SYMBOL_MAXLENGTH];
	FILE *names, *out;
	struct symbol *sym;

	/* Kbuild puts `-s` before it when make itself is silent. */
	if (argc < 2)
		die("usage", "kconfig-why [-s] KCONFIG");
	names = open_from_env("KCONFIG_WHY_NAMES", "r");
	out = open_from_env("KCONFIG_WHY_OUT", "w");

	conf_set_message_callback(NULL);
	conf_parse(argv[argc - 1]);
	if (conf_read(NULL))
		die("cannot read the configuration", conf_get_configname());

	for_all_symbols(sym) {
		if (sym->name && sym->type != S_UNKNOWN && !(sym->flags & SYMBOL_CONST))
			print_line(out, "known", sym->name);
	}
	while (fgets(name, sizeof(name), names)) {
		name[strcspn(name, "\n")] = '\0';
		if (*name)
			print_symbol(out, name);
	}
	if (ferror(names) || fclose(out))
		die("cannot read or write", getenv("KCONFIG_WHY_OUT"));
	return 0;
}
