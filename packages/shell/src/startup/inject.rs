// SPDX-License-Identifier: GPL-3.0-or-later
//! Functions that the yash libraries expect in the environment because they do not depend on each other.

use crate::{ShellEnv, System};
use std::str::FromStr as _;
use yash_env::input::IgnoreEofConfig;
use yash_env::parser::{IsKeyword, IsName};
use yash_env::prompt::GetPrompt;
use yash_env::semantics::command::RunFunction;
use yash_env::trap::RunSignalTrapIfCaught;
use yash_prompt::ExpandText;
use yash_semantics::RunReadEvalLoop;
use yash_semantics::command::simple_command::execute_function_body;
use yash_semantics::expansion::expand_text;
use yash_syntax::parser::lex::{Keyword, Lexer, is_name};

/// Puts every dependency that the built-ins, the prompt and the input need into `env`.
pub fn dependencies(env: &mut ShellEnv) {
    let any = &mut env.any;
    any.insert(Box::new(IgnoreEofConfig::with_message("Use `exit` to leave the shell.\n")));
    any.insert(Box::new(IsKeyword::<System>(|_env, word| Keyword::from_str(word).is_ok())));
    any.insert(Box::new(IsName::<System>(|_env, name| is_name(name))));
    any.insert(Box::new(RunReadEvalLoop::<System>(|env, config| {
        Box::pin(async move { yash_semantics::read_eval_loop(env, &mut Lexer::from(config)).await })
    })));
    any.insert(Box::new(RunFunction::<System>(|env, function, fields, prepare| {
        Box::pin(async move { execute_function_body(env, function, fields, prepare).await })
    })));
    any.insert(Box::new(RunSignalTrapIfCaught::<System>(|env, signal| {
        Box::pin(async move { yash_semantics::trap::run_trap_if_caught(env, signal).await })
    })));
    any.insert(Box::new(ExpandText::<System>(|env, text| {
        Box::pin(async move { expand_text(env, text).await.ok() })
    })));
    any.insert(Box::new(GetPrompt::<System>(|env, context| {
        Box::pin(async move {
            let prompt = yash_prompt::fetch_posix(&env.variables, context);
            yash_prompt::expand_posix(env, &prompt, false).await
        })
    })));
}
