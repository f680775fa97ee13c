//! The promises of the successful outcome of a command, for each command of random histories.

use hookswitch::core::decide::connections::{
    ConnectionChanged, CreateConnection, DeleteConnection, GetConnection, IssueTokens, Issued, RevokeConnectedApp,
    RevokeConnection, SetConnectionEnabled, StoreCredentials,
};
use hookswitch::core::decide::grants::{
    ExchangeCode, Granted, IntrospectToken, RefreshTokens, RevokeConnectionOfToken, RevokeGrantToken,
};
use hookswitch::core::decide::link::{ApproveLink, DeclineLink, LinkApproved};
use hookswitch::core::decide::revocations::{ManageRevocation, RecordAttempts};
use hookswitch::core::decide::tokens::{CheckTokens, ConsumeToken, Consumed, MintToken, RevokeToken, TokenRevoked};
use hookswitch::core::decide::users::{
    GetUser, ListConnections, ListEvents, ListTokens, PutUser, RevokeUser, UserRevoked,
};
use hookswitch::core::{ConnectionId, Request, Status, Token, TokenKind, TokenRef, Verdict};

use crate::history::Seen;
use crate::ledger::{Ledger, Runnable, filter_matches, filter_matches_connection};

/// A command of random histories.
pub(crate) trait Observed: Runnable {
    /// Whether the command writes nothing.
    const READS_ONLY: bool = false;

    /// Notes what a successful outcome promises. `before` is the ledger before the request.
    fn observe(&self, _: &mut Seen, _before: &Ledger, _: &Request<Self>, _: &Self::Outcome) {}
}

impl Seen {
    fn revoke(&mut self, ledger: &Ledger, is_revoked: impl Fn(&Token) -> bool) {
        let revoked = ledger.tokens.iter().filter(|token| is_revoked(token)).map(|token| token.digest.clone());
        self.revoked.extend(revoked);
    }

    fn revoke_token(&mut self, before: &Ledger, revoked: &TokenRevoked) {
        assert!(revoked.verdict.status().is_terminal());
        self.revoke(before, |token| token.token_id == revoked.verdict.token_id);
    }

    fn revoke_connection(&mut self, before: &Ledger, changed: &ConnectionChanged) {
        assert!(changed.verdict.status().is_dead());
        let id = &changed.verdict.connection.id;
        self.revoke(before, |token| token.facts.connection_id.as_ref() == Some(id));
    }

    fn consume(&mut self, before: &Ledger, token: &TokenRef) {
        let row = before.tokens.iter().find(|row| row.digest.key() == token.key()).unwrap();
        *self.consumed.entry(row.token_id.clone()).or_default() += 1;
    }

    fn consume_connection_token(&mut self, before: &Ledger, token: &TokenRef, verdict: &Verdict) {
        assert_eq!((verdict.kind, verdict.status()), (TokenKind::ConnectionToken, Status::Consumed));
        self.consume(before, token);
    }
}

/// Checks that tokens were issued with the handles of the request.
fn assert_fresh<C>(request: &Request<C>, issued: &Issued) {
    assert_eq!(issued.access.token_id, request.minted.tokens[0].token_id);
    if let Some(refresh) = &issued.refresh {
        assert_eq!(refresh.token_id, request.minted.tokens[1].token_id);
    }
}

impl Observed for PutUser {}
impl Observed for MintToken {}
impl Observed for CreateConnection {}
impl Observed for SetConnectionEnabled {}
impl Observed for StoreCredentials {}
impl Observed for ManageRevocation {}
impl Observed for RecordAttempts {}

impl Observed for GetUser {
    const READS_ONLY: bool = true;
}

impl Observed for ListTokens {
    const READS_ONLY: bool = true;
}

impl Observed for ListConnections {
    const READS_ONLY: bool = true;
}

impl Observed for ListEvents {
    const READS_ONLY: bool = true;
}

impl Observed for CheckTokens {
    const READS_ONLY: bool = true;
}

impl Observed for GetConnection {
    const READS_ONLY: bool = true;
}

impl Observed for IntrospectToken {
    const READS_ONLY: bool = true;
}

impl Observed for ConsumeToken {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, consumed: &Consumed) {
        seen.consume_connection_token(before, &self.token, &consumed.verdict);
    }
}

impl Observed for ApproveLink {
    fn observe(&self, seen: &mut Seen, before: &Ledger, request: &Request<Self>, approved: &LinkApproved) {
        match approved {
            LinkApproved::Consumed(consumed) => seen.consume_connection_token(before, &self.token, &consumed.verdict),
            LinkApproved::Code(code) => {
                assert_eq!(code.token_id, request.minted.tokens[0].token_id);
                seen.consume(before, &self.token);
            }
        }
    }
}

impl Observed for ExchangeCode {
    fn observe(&self, seen: &mut Seen, before: &Ledger, request: &Request<Self>, granted: &Granted) {
        if let Granted::Issued(issued) = granted {
            assert_fresh(request, issued);
            seen.consume(before, &self.code);
        }
    }
}

impl Observed for RefreshTokens {
    fn observe(&self, seen: &mut Seen, before: &Ledger, request: &Request<Self>, granted: &Granted) {
        if let Granted::Issued(issued) = granted {
            assert_fresh(request, issued);
            if issued.refresh.is_some() {
                seen.consume(before, &self.token);
            }
        }
    }
}

impl Observed for IssueTokens {
    fn observe(&self, _: &mut Seen, _: &Ledger, request: &Request<Self>, issued: &Issued) {
        assert_fresh(request, issued);
    }
}

impl Observed for RevokeToken {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, revoked: &TokenRevoked) {
        seen.revoke_token(before, revoked);
    }
}

impl Observed for DeclineLink {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, revoked: &TokenRevoked) {
        seen.revoke_token(before, revoked);
    }
}

impl Observed for RevokeGrantToken {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, revoked: &Option<TokenRevoked>) {
        if let Some(revoked) = revoked {
            seen.revoke_token(before, revoked);
        }
    }
}

impl Observed for RevokeConnection {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, changed: &ConnectionChanged) {
        seen.revoke_connection(before, changed);
    }
}

impl Observed for DeleteConnection {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, changed: &ConnectionChanged) {
        seen.revoke_connection(before, changed);
    }
}

impl Observed for RevokeConnectionOfToken {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, changed: &ConnectionChanged) {
        seen.revoke_connection(before, changed);
    }
}

impl Observed for RevokeConnectedApp {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, (): &()) {
        let is_of_app = |id: &ConnectionId| before.connection(id).unwrap().app_id == self.app_id;
        seen.revoke(before, |token| token.facts.connection_id.as_ref().is_some_and(is_of_app));
    }
}

impl Observed for RevokeUser {
    fn observe(&self, seen: &mut Seen, before: &Ledger, _: &Request<Self>, _: &UserRevoked) {
        let (now, filter) = (before.now(), &self.filter);
        let is_under = |token: &Token| {
            let above = token.facts.connection_id.as_ref().and_then(|id| before.connection(id));
            above.is_some_and(|above| filter_matches_connection(filter, above, now))
        };
        if !self.dry_run {
            seen.revoke(before, |token| filter_matches(filter, token, now) || is_under(token));
        }
    }
}
