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
use crate::platform::ledgers::Pending;
use crate::platform::replica;

impl Session<'_> {
    /// The verdict on a token.
    pub(super) async fn check(&self, target: Target, user_id: Option<&UserId>) -> Result<Work, Failure> {
        let (handle, name) = known(target, user_id, &self.principal)?;
        let target = Target::Known { handle: handle.clone(), name };
        let (mut verdicts, why_not) = self.verdicts(&[target]).await?;
        let verdict = verdicts.pop().flatten().ok_or(why_not)?;
        Ok(Work { handles: vec![handle], ..Outcome::Verdict(verdict).into() })
    }

    /// The verdicts on several tokens. Of a token that the principal may not see it learns no more than of one that is
    /// not there.
    pub(super) async fn check_batch(&self, targets: &[Target]) -> Result<Work, Failure> {
        let (verdicts, _) = self.verdicts(targets).await?;
        Ok(Outcome::Checked { verdicts, as_of: self.executor.now }.into())
    }

    /// The verdict on each token, and why there is none, where there is none: one look into KV for all, and one call to
    /// each ledger concerned.
    async fn verdicts(&self, targets: &[Target]) -> Result<(Vec<Option<Verdict>>, Refusal), Failure> {
        let mut verdicts = Vec::new();
        verdicts.resize_with(targets.len(), || None);
        let mut why_not = Refusal::TokenUnknown;
        let mut open = Vec::new();
        for (target, verdict) in targets.iter().zip(&mut verdicts) {
            if let Target::Known { handle, name } = target {
                open.push(Open { shard: handle.shard(), name, verdict });
            }
        }
        let names: Vec<_> = open.iter().map(|open| open.name).collect();
        let copies = self.executor.copies(&names, manages(&self.principal)).await;
        let mut unsettled = Vec::new();
        for (open, copy) in open.into_iter().zip(copies) {
            match copy {
                Some(copy) if self.principal.writes_regardless(&copy.user_id) => *open.verdict = Some(copy),
                Some(_) if !manages(&self.principal) => why_not = Refusal::Forbidden,
                _ => unsettled.push(open),
            }
        }
        // The ledgers work at once.
        let mut pending: Vec<(Shard, Pending<Answer>)> = Vec::new();
        for Open { shard, .. } in &unsettled {
            if pending.iter().all(|(asked, _)| asked != shard) {
                let mut names = Vec::new();
                for open in &unsettled {
                    if open.shard == *shard {
                        names.push(open.name.clone());
                    }
                }
                pending.push((*shard, self.look(*shard, Command::Check(names))));
            }
        }
        for (shard, pending) in pending {
            let mut found = match pending.await?.outcome {
                Ok(Outcome::Checked { verdicts, .. }) => verdicts.into_iter(),
                Ok(_) => return Err(Failure::Internal("a check gives verdicts")),
                Err(refusal) => {
                    why_not = refusal;
                    continue;
                }
            };
            for open in &mut unsettled {
                if open.shard == shard {
                    let verdict = found.next().flatten();
                    if let (Some(digest), Some(verdict)) = (digest(open.name), &verdict) {
                        memory::remember_dead(digest, verdict);
                    }
                    *open.verdict = verdict;
                }
            }
        }
        Ok((verdicts, why_not))
    }
}

impl Executor<'_> {
    /// The copy of each token's verdict, where there is one: of the isolate's own, or else of those in KV.
    pub(super) async fn copies(&self, names: &[&TokenName], only_own: bool) -> Vec<Option<Verdict>> {
        let mut copies = Vec::new();
        let mut unknown = Vec::new();
        for name in names {
            let copy = digest(name).and_then(memory::dead);
            if let (Some(digest), None) = (digest(name), &copy) {
                unknown.push(replica::key(digest));
            }
            copies.push(copy);
        }
        if unknown.is_empty() || only_own {
            return copies;
        }
        let found = replica::read(self.env, &unknown).await;
        let mut found = found.split(',').map(replica::copy);
        for (name, copy) in names.iter().zip(&mut copies) {
            if let (Some(digest), None) = (digest(name), &copy) {
                *copy = found.next().flatten();
                if let Some(verdict) = copy {
                    memory::remember_dead(digest, verdict);
                }
            }
        }
        copies
    }
}

/// A token that has no verdict yet.
struct Open<'t> {
    shard: Shard,
    name: &'t TokenName,
    verdict: &'t mut Option<Verdict>,
}

/// Whether only a ledger knows whom the principal writes, since that depends on groups as they are now: a look into KV
/// would be one for nothing.
const fn manages(principal: &Principal) -> bool {
    matches!(principal, Principal::User { role: Role::Manager, .. })
}
