//! A ledger that things are done to, in any order, and what was seen of it.

use std::collections::{HashMap, HashSet};

use hookswitch::core::command::{Action, GrantAction};
use hookswitch::core::connection::ConnectionStatus;
use hookswitch::core::order::{Cut, Lifetimes, Order};
use hookswitch::core::request::Retry;
use hookswitch::core::target::TokenName;
use hookswitch::core::{
    Answer, App, Command, ConnectionId, Digest, Outcome, Principal, Request, Role, Scope, Standing, Status, Timestamp,
    TokenId, TokenKind, pkce,
};
use proptest::sample::Index;

use crate::kit::{self, FIRST_PAGE, minting, profile, user_id};
use crate::model::{Ledger, cut_covers, cut_covers_connection};
use crate::promises::repetitions_are_answered_alike;
use crate::steps::{Caller, OWNER, Pick, Step, Use, Verb, apps};
use crate::telling::events_tell_of_changes;

/// For how many seconds a rotated refresh token gets the same answer.
const GRACE: u32 = 5;
const LIFETIMES: Lifetimes = Lifetimes { access: 10, refresh: Some(30) };
/// Meets the challenge of every code here.
const VERIFIER: &str = "the-same-for-all-since-it-is-not-what-is-tried-here";

/// A ledger, and what was seen of it.
pub(crate) struct History {
    pub(crate) ledger: Ledger,
    pub(crate) sent: Vec<Request>,
    pub(crate) minted: u64,
    /// The first terminal standing that was seen of a token.
    pub(crate) died: HashMap<Digest, Standing>,
    pub(crate) consumed: HashMap<TokenId, u32>,
    /// What a revoke that was answered with success was about.
    pub(crate) revoked: HashSet<Digest>,
    /// The connections that were seen dead, and as what.
    pub(crate) ended: HashMap<ConnectionId, ConnectionStatus>,
}

impl History {
    pub(crate) fn new() -> Self {
        let ledger = Ledger::of(kit::user(OWNER, profile(Role::Member, &["a"])));
        let (died, consumed, revoked) = (HashMap::new(), HashMap::new(), HashSet::new());
        Self { ledger, sent: Vec::new(), minted: 0, died, consumed, revoked, ended: HashMap::new() }
    }

    pub(crate) fn take(&mut self, step: Step) {
        let owner = user_id(OWNER);
        match step {
            Step::Put(caller, profile) => self.send(caller, Command::PutUser(owner, profile), None),
            Step::Get(caller) => self.send(caller, Command::GetUser(owner), None),
            Step::Mint { caller, kind, ttl, app, scope } => self.mint(caller, kind, ttl, app, scope),
            Step::Connect(caller, app, scope) => {
                let (app_id, metadata, upstream) = (app.app_id.clone(), None, None);
                let command = Command::Connect { user_id: owner, app_id, scope, metadata, upstream };
                self.send(caller, command, Some(app));
            }
            Step::Disconnect(caller, app) => {
                self.send(caller, Command::Disconnect(owner, app.app_id.clone()), Some(app));
            }
            Step::OfConnection(caller, which, verb, scope) => self.of_connection(caller, which, verb, scope),
            Step::Grant { token, own, key, act, scope } => self.grant(token, own, key, act, scope),
            Step::Check(caller, pick) => self.about(&pick, |name| (caller, Command::Check(vec![name]))),
            Step::Consume(caller, pick) => self.about(&pick, |name| (caller, Command::Consume(name))),
            Step::Revoke(caller, pick) => {
                self.about(&pick, |token| (caller, Command::Revoke { token, reason: Some("a reason".to_owned()) }));
            }
            Step::RevokeUser { caller, back, app, kinds } => {
                let before = back.map(|back| Timestamp::from_micros(self.ledger.now().micros() - back));
                let cut = Cut { before, app_id: app.map(|app| app.app_id), kinds, reason: None };
                self.counts_tell_what_dies(&caller.principal, &cut);
                self.send(caller, Command::RevokeUser { user_id: owner, cut, dry_run: false }, None);
            }
            Step::Tokens(caller) => {
                let list = Command::ListTokens { user_id: owner, page: FIRST_PAGE, status: None, kind: None };
                self.send(caller, list, None);
            }
            Step::Connections(caller) => {
                let list = Command::ListConnections { user_id: owner, page: FIRST_PAGE, status: None, app_id: None };
                self.send(caller, list, None);
            }
            Step::Events(caller) => {
                self.send(caller, Command::ListEvents { user_id: owner, page: FIRST_PAGE, event_type: None }, None);
            }
            Step::Again(index) => self.again(index),
            Step::Pass(micros) => self.ledger.pass(micros),
            Step::Sweep(batch) => {
                let before = self.ledger.clone();
                let writes = self.ledger.sweep(batch);
                events_tell_of_changes(&before, &writes);
            }
        }
        self.look();
    }

    fn mint(&mut self, caller: Caller, kind: TokenKind, ttl: Option<u32>, app: Option<App>, scope: Option<Scope>) {
        let before = self.ledger.tokens.len();
        let code_challenge = app.as_ref().filter(|app| app.secret.is_none()).map(|_| pkce::challenge(VERIFIER));
        let app_id = app.as_ref().map(|app| app.app_id.clone());
        let order = Order { app_id, scope, code_challenge, ..Order::plain(kind, ttl) };
        self.send(caller, Command::Mint(user_id(OWNER), order), app);
        if self.ledger.tokens.len() > before {
            self.newest_is_covered_by_no_cutoff();
        }
    }

    fn of_connection(&mut self, caller: Caller, which: Index, verb: Verb, scope: Option<Scope>) {
        if self.ledger.connections.is_empty() {
            return;
        }
        let id = which.get(&self.ledger.connections).id.clone();
        let reason = Some("a reason".to_owned());
        let action = match verb {
            Verb::Get => Action::Get,
            Verb::Revoke => Action::Revoke(reason),
            Verb::Enable => Action::Enable(reason),
            Verb::Disable => Action::Disable(reason),
            Verb::Issue { refresh } => {
                Action::Issue(scope, Lifetimes { refresh: LIFETIMES.refresh.filter(|_| refresh), ..LIFETIMES })
            }
        };
        self.send(caller, Command::OfConnection(id, action), None);
    }

    /// A client comes with a token, as the edge has it: codes to exchange, refresh tokens to refresh with.
    fn grant(&mut self, token: Index, own: bool, key: Option<u8>, act: Use, scope: Option<Scope>) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let token = token.get(&self.ledger.tokens).clone();
        let action = match (act, token.kind) {
            (Use::Spend, TokenKind::ConnectionToken) => GrantAction::Exchange {
                redirect_uri: None,
                code_challenge: token.grant.code_challenge.as_ref().map(|_| pkce::challenge(VERIFIER)),
                lifetimes: LIFETIMES,
            },
            (Use::Spend, TokenKind::RefreshToken) => GrantAction::Refresh { scope, lifetimes: LIFETIMES },
            (Use::Introspect, _) => GrantAction::Introspect,
            (Use::Retract, TokenKind::ConnectionToken | TokenKind::AccessToken | TokenKind::RefreshToken) => {
                GrantAction::Revoke
            }
            (Use::Leave, TokenKind::AccessToken) => GrantAction::Disconnect,
            (Use::Spend | Use::Retract | Use::Leave, _) => return,
        };
        let [first, last] = apps();
        let is_first = token.facts.app_id.as_ref() == Some(&first.app_id);
        let app = if is_first == own { first } else { last };
        let leaves = action == GrantAction::Disconnect;
        let principal = if leaves { Principal::Holder } else { Principal::App(app.app_id.clone()) };
        let rotates = matches!(action, GrantAction::Refresh { .. }) && app.secret.is_none();
        let command = Command::OfGrant(TokenName::Secret(token.kind, token.digest.clone()), action);
        let mut request = self.request(Caller { principal, key }, command, (!leaves).then_some(app));
        if rotates {
            let key = Digest::of_parts(&[b"refresh", token.digest.as_str().as_bytes()]);
            let given = request.retry.map_or_else(|| key.clone(), |retry| retry.key);
            request.retry = Some(Retry { request: given, key, grace: Some(GRACE) });
        }
        self.run(request);
    }

    fn about(&mut self, pick: &Pick, ask: impl FnOnce(TokenName) -> (Caller, Command)) {
        if self.ledger.tokens.is_empty() {
            return;
        }
        let token = pick.token.get(&self.ledger.tokens);
        let name = if pick.public {
            TokenName::Public(token.token_id.clone())
        } else {
            TokenName::Secret(token.kind, token.digest.clone())
        };
        let (caller, command) = ask(name);
        self.send(caller, command, None);
    }

    fn send(&mut self, caller: Caller, command: Command, app: Option<App>) {
        let request = self.request(caller, command, app);
        self.run(request);
    }

    fn request(&mut self, Caller { principal, key }: Caller, command: Command, app: Option<App>) -> Request {
        self.minted += 1;
        let retry = key.map(|key| Retry {
            key: Digest::of_parts(&[principal.actor().as_str().as_bytes(), &[key]]),
            request: Digest::of(format!("{command:?}").as_bytes()),
            grace: None,
        });
        Request { principal, minting: minting(&command, self.minted), command, app, retry }
    }

    fn again(&mut self, index: Index) {
        if self.sent.is_empty() {
            return;
        }
        self.minted += 1;
        let mut request = index.get(&self.sent).clone();
        request.minting = minting(&request.command, self.minted);
        self.run(request);
    }

    fn run(&mut self, request: Request) {
        let before = self.ledger.clone();
        let (answer, writes) = self.ledger.run(&request);
        events_tell_of_changes(&before, &writes);

        let ends = matches!(request.command, Command::OfGrant(_, GrantAction::Revoke | GrantAction::Disconnect));
        let only_looks = !request.command.is_remembered() && !ends;
        if answer.outcome.is_err() || answer.replayed.is_some() || only_looks {
            assert!(writes.is_empty(), "{answer:?} came with {writes:?}");
            assert_eq!(self.ledger, before);
        }
        repetitions_are_answered_alike(&before, &request, &answer);
        self.remember(&before, &request, &answer);
        self.nothing_came_of_what_is_dead(&before, &writes);
        self.sent.push(request);
    }

    /// Notes what the answer promises.
    fn remember(&mut self, before: &Ledger, request: &Request, answer: &Answer) {
        if answer.replayed.is_some() {
            return;
        }
        match &answer.outcome {
            Ok(Outcome::Consumed(verdict, ..)) => {
                assert_eq!(verdict.status(), Status::Consumed);
                assert_eq!(verdict.kind, TokenKind::ConnectionToken);
                *self.consumed.entry(verdict.token_id.clone()).or_default() += 1;
            }
            Ok(Outcome::Issued { access, refresh }) => {
                let fresh = access.token_id == request.minting.tokens[0].token_id;
                self.note_spent(request, fresh, refresh.is_some());
            }
            Ok(Outcome::Revoked { verdict, .. }) => {
                assert!(verdict.status().is_terminal());
                self.revoke(|token| token.token_id == verdict.token_id);
            }
            Ok(Outcome::ConnectionChanged { verdict, .. }) if verdict.status() == ConnectionStatus::Revoked => {
                self.revoke(|token| token.facts.connection_id.as_ref() == Some(&verdict.connection.id));
            }
            Ok(Outcome::Disconnected) => {
                let Command::Disconnect(_, app_id) = &request.command else {
                    panic!("{request:?} disconnected an app");
                };
                let under = |token: &hookswitch::core::Token| {
                    token.facts.connection_id.is_some() && token.facts.app_id.as_ref() == Some(app_id)
                };
                self.revoke(under);
            }
            Ok(Outcome::UserRevoked { dry_run: false, .. }) => {
                let Command::RevokeUser { cut, .. } = &request.command else {
                    panic!("{request:?} revoked a user");
                };
                let now = before.now();
                let under = |token: &hookswitch::core::Token| {
                    let above = token.facts.connection_id.as_ref().and_then(|id| before.connection(id));
                    above.is_some_and(|above| cut_covers_connection(cut, above, now))
                };
                self.revoke(|token| cut_covers(cut, token, now) || under(token));
            }
            _ => {}
        }
    }

    /// A code is spent once, and so is a refresh token that comes with the next one.
    fn note_spent(&mut self, request: &Request, fresh: bool, comes_with_next: bool) {
        assert!(fresh, "what is not replayed is new: {request:?}");
        let Command::OfGrant(TokenName::Secret(_, digest), _) = &request.command else {
            return;
        };
        let spent = self.ledger.tokens.iter().find(|token| token.digest == *digest).unwrap();
        if comes_with_next {
            *self.consumed.entry(spent.token_id.clone()).or_default() += 1;
        }
    }

    fn revoke(&mut self, which: impl Fn(&hookswitch::core::Token) -> bool) {
        let revoked = self.ledger.tokens.iter().filter(|token| which(token)).map(|token| token.digest.clone());
        self.revoked.extend(revoked);
    }
}
