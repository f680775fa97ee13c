//! Where a verdict comes from.
//!
//! Dead stays dead, so a copy of a terminal verdict is right for ever; a copy of `valid` may not be, so none is kept.
//! Forged → refused at once; a copy in the isolate's memory → answer; a copy in KV → answer; else the ledger answers.
//! A failure of KV is a miss.

use super::execute::{Executor, Work, digest, known};
use super::memory;
use super::session::Session;
use crate::core::target::TokenName;
use crate::core::{Answer, Command, Outcome, Principal, Refusal, Role, Shard, Target, UserId, Verdict};
use crate::dialects::Failure;
use crate::platform::replica::Replicas;

impl Session<'_> {
    /// The verdict on a token.
    pub(super) async fn check(&self, target: Target, user_id: Option<&UserId>) -> Result<Work, Failure> {
        let (handle, name) = known(target, user_id, &self.principal)?;
        let verdict = if let Some(verdict) = self.executor.copy(&name, &self.principal).await {
            verdict?
        } else {
            let answer = self.look(handle.shard(), Command::Check(vec![name.clone()])).await?;
            let verdict = checked(answer)??.pop().flatten().ok_or(Refusal::TokenUnknown)?;
            if let Some(digest) = digest(&name) {
                memory::remember_dead(digest, &verdict);
            }
            verdict
        };
        Ok(Work { handles: vec![handle], ..Outcome::Verdict(verdict).into() })
    }

    /// The verdicts on several tokens: one look into KV for all, and one call to each ledger concerned. Of a token that
    /// the principal may not see it learns no more than of one that is not there.
    pub(super) async fn check_batch(&self, targets: &[Target]) -> Result<Work, Failure> {
        let mut verdicts: Vec<Option<Verdict>> = vec![None; targets.len()];
        let mut open: Vec<Open> = Vec::new();
        for (target, verdict) in targets.iter().zip(&mut verdicts) {
            if let Target::Known { handle, name } = target {
                let open_one = Open { shard: handle.shard(), name, verdict };
                open.extend(open_one.settle(digest(name).and_then(memory::dead), &self.principal));
            }
        }
        let open = self.settle_by_copies(open).await;
        self.settle_by_ledgers(open).await?;
        Ok(Outcome::Checked { verdicts, as_of: self.executor.now }.into())
    }

    /// Settles what KV has copies for, and gives the rest back.
    async fn settle_by_copies<'t>(&self, open: Vec<Open<'t>>) -> Vec<Open<'t>> {
        let digests: Vec<_> = open.iter().filter_map(|open| digest(open.name)).collect();
        let copies = match Replicas::of(self.executor.env) {
            Some(replicas) if !digests.is_empty() => replicas.get_many(&digests).await,
            _ => None,
        };
        let Some(copies) = copies else {
            return open;
        };
        let mut copies = copies.into_iter();
        let settle = |open: Open<'t>| {
            let copy = digest(open.name).and_then(|_| copies.next()).flatten();
            open.settle(copy, &self.principal)
        };
        open.into_iter().filter_map(settle).collect()
    }

    /// Asks each ledger for all of its tokens; the ledgers work at once.
    async fn settle_by_ledgers(&self, mut open: Vec<Open<'_>>) -> Result<(), Failure> {
        let mut pending = Vec::new();
        while let Some(shard) = open.first().map(|open| open.shard) {
            let (asked, rest): (Vec<_>, Vec<_>) = open.into_iter().partition(|open| open.shard == shard);
            let names = asked.iter().map(|open| open.name.clone()).collect();
            pending.push((self.look(shard, Command::Check(names)), asked));
            open = rest;
        }
        for (pending, asked) in pending {
            if let Ok(found) = checked(pending.await?)? {
                for (open, verdict) in asked.into_iter().zip(found) {
                    if let (Some(digest), Some(verdict)) = (digest(open.name), &verdict) {
                        memory::remember_dead(digest, verdict);
                    }
                    *open.verdict = verdict;
                }
            }
        }
        Ok(())
    }
}

impl Executor<'_> {
    /// The copy of a terminal verdict, if the principal may see it; none, where only the ledger knows.
    pub(super) async fn copy(&self, name: &TokenName, principal: &Principal) -> Option<Result<Verdict, Refusal>> {
        let digest = digest(name)?;
        let copy = match memory::dead(digest) {
            Some(copy) => copy,
            // Only the ledger knows whom a manager writes: a look into KV would be one for nothing.
            None if matches!(principal, Principal::User { role: Role::Manager, .. }) => return None,
            None => {
                let copy = Replicas::of(self.env)?.get(digest).await?;
                memory::remember_dead(digest, &copy);
                copy
            }
        };
        match permitted(&copy, principal) {
            Permitted::Yes => Some(Ok(copy)),
            Permitted::No => Some(Err(Refusal::Forbidden)),
            Permitted::LedgerKnows => None,
        }
    }
}

/// A token of a batch that has no verdict yet.
struct Open<'t> {
    shard: Shard,
    name: &'t TokenName,
    verdict: &'t mut Option<Verdict>,
}

impl Open<'_> {
    /// Settles the token with a copy of its verdict, or gives it back.
    fn settle(self, copy: Option<Verdict>, principal: &Principal) -> Option<Self> {
        let Some(copy) = copy else {
            return Some(self);
        };
        match permitted(&copy, principal) {
            Permitted::Yes => *self.verdict = Some(copy),
            Permitted::No => {}
            Permitted::LedgerKnows => return Some(self),
        }
        None
    }
}

/// What a ledger found, or why it does not say.
fn checked(answer: Answer) -> Result<Result<Vec<Option<Verdict>>, Refusal>, Failure> {
    match answer.outcome {
        Ok(Outcome::Checked { verdicts, .. }) => Ok(Ok(verdicts)),
        Ok(_) => Err(Failure::Internal("a check gives verdicts")),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Whether a principal may see a copy.
enum Permitted {
    Yes,
    No,
    /// It depends on the user's groups as they are now.
    LedgerKnows,
}

fn permitted(copy: &Verdict, principal: &Principal) -> Permitted {
    if principal.writes_regardless(&copy.user_id) {
        return Permitted::Yes;
    }
    match principal {
        Principal::User { role: Role::Manager, .. } => Permitted::LedgerKnows,
        _ => Permitted::No,
    }
}
