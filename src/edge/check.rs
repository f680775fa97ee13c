//! Where a verdict comes from.
//!
//! Dead stays dead, so a copy of a terminal verdict is right for ever; a copy of `valid` may not be, so none is kept.
//! Forged → refused at once; a copy in the isolate's memory → answer; a copy in KV → answer; else the ledger answers.
//! A failure of KV is a miss.

use std::collections::HashMap;

use futures_util::future::join_all;

use super::execute::{Executor, known};
use super::memory;
use crate::core::command::{Minting, Target, TokenName};
use crate::core::{self, Command, Digest, Outcome, Principal, Refusal, Role, Shard, UserId, Verdict};
use crate::dialects::{Done, Failure};
use crate::ledger::{packed, replica_key};

impl Executor<'_> {
    /// The verdict on a token.
    pub(super) async fn check(
        &self,
        target: Target,
        user_id: Option<&UserId>,
        principal: &Principal,
    ) -> Result<Done, Failure> {
        let (handle, name) = known(target, user_id, principal)?;
        let verdict = if let Some(verdict) = self.copy(&name, principal).await {
            verdict?
        } else {
            let mut verdicts = self.ask(handle.shard(), vec![name.clone()], principal).await??;
            let verdict = verdicts.pop().flatten().ok_or(Refusal::TokenUnknown)?;
            remember(&name, &verdict);
            verdict
        };
        Ok(Done { outcome: Some(Outcome::Verdict(verdict)), handles: vec![handle], replayed: false })
    }

    /// The verdicts on several tokens: one look into KV for all, and one call to each ledger concerned. Of a token that
    /// the principal may not see it learns no more than of one that is not there.
    pub(super) async fn check_batch(&self, targets: &[Target], principal: &Principal) -> Result<Done, Failure> {
        let mut verdicts: Vec<Option<Verdict>> = vec![None; targets.len()];
        let mut open = Vec::new();
        for (target, verdict) in targets.iter().zip(&mut verdicts) {
            if let Target::Known { handle, name } = target {
                match remembered(name).map(|copy| permitted(copy, principal)) {
                    Some(Permitted::Yes(copy)) => *verdict = Some(copy),
                    Some(Permitted::No) => {}
                    Some(Permitted::LedgerKnows) | None => open.push((handle.shard(), name, verdict)),
                }
            }
        }
        let copies = self.copies(open.iter().filter_map(|(_, name, _)| digest(name)).collect()).await;
        let mut by_ledger: HashMap<Shard, Vec<(&TokenName, &mut Option<Verdict>)>> = HashMap::new();
        for (shard, name, verdict) in open {
            match digest(name).and_then(|digest| copies.get(digest)).map(|copy| permitted(copy.clone(), principal)) {
                Some(Permitted::Yes(copy)) => *verdict = Some(copy),
                Some(Permitted::No) => {}
                Some(Permitted::LedgerKnows) | None => by_ledger.entry(shard).or_default().push((name, verdict)),
            }
        }
        let answers = join_all(by_ledger.into_iter().map(|(shard, asked)| async move {
            let names = asked.iter().map(|(name, _)| (*name).clone()).collect();
            (self.ask(shard, names, principal).await, asked)
        }))
        .await;
        for (answer, asked) in answers {
            let Ok(found) = answer? else { continue };
            for ((name, slot), verdict) in asked.into_iter().zip(found) {
                if let Some(verdict) = &verdict {
                    remember(name, verdict);
                }
                *slot = verdict;
            }
        }
        let outcome = Outcome::Checked { verdicts, as_of: self.now };
        Ok(Done { outcome: Some(outcome), handles: Vec::new(), replayed: false })
    }

    /// The copy of a terminal verdict, if the principal may see it; none, where only the ledger knows.
    async fn copy(&self, name: &TokenName, principal: &Principal) -> Option<Result<Verdict, Refusal>> {
        let digest = digest(name)?;
        let copy = if let Some(copy) = memory::dead(digest) {
            copy
        } else {
            let text = self.env.kv("TOKENS").ok()?.get(&replica_key(digest)).text().await.ok()??;
            let copy = packed::from_text::<Verdict>(&text)?.replica()?;
            remember(name, &copy);
            copy
        };
        match permitted(copy, principal) {
            Permitted::Yes(copy) => Some(Ok(copy)),
            Permitted::No => Some(Err(Refusal::Forbidden)),
            Permitted::LedgerKnows => None,
        }
    }

    /// The copies in KV of terminal verdicts.
    async fn copies<'d>(&self, digests: Vec<&'d Digest>) -> HashMap<&'d Digest, Verdict> {
        let mut copies = HashMap::new();
        let Ok(kv) = self.env.kv("TOKENS") else {
            return copies;
        };
        let keys: Vec<_> = digests.iter().map(|digest| replica_key(digest)).collect();
        if keys.is_empty() {
            return copies;
        }
        let Ok(mut texts) = kv.get_bulk(&keys).text().await else {
            return copies;
        };
        for (digest, key) in digests.into_iter().zip(&keys) {
            let copy = texts.remove(key).flatten().and_then(|text| packed::from_text::<Verdict>(&text));
            if let Some(copy) = copy.and_then(|copy| copy.replica()) {
                copies.insert(digest, copy);
            }
        }
        copies
    }

    /// The ledger's verdicts.
    async fn ask(
        &self,
        shard: Shard,
        names: Vec<TokenName>,
        principal: &Principal,
    ) -> Result<Result<Vec<Option<Verdict>>, Refusal>, Failure> {
        let request = core::Request {
            principal: principal.clone(),
            command: Command::Check(names),
            minting: Minting::default(),
            retry: None,
        };
        match self.ledgers.run(shard, request).await?.outcome {
            Ok(Outcome::Checked { verdicts, .. }) => Ok(Ok(verdicts)),
            Ok(_) => Err(Failure::Internal("a check gives verdicts")),
            Err(refusal) => Ok(Err(refusal)),
        }
    }
}

/// Whether a principal may see a copy.
enum Permitted {
    Yes(Verdict),
    No,
    /// It depends on the user's groups as they are now.
    LedgerKnows,
}

fn permitted(copy: Verdict, principal: &Principal) -> Permitted {
    if principal.writes_regardless(&copy.user_id) {
        return Permitted::Yes(copy);
    }
    match principal {
        Principal::User { role: Role::Manager, .. } => Permitted::LedgerKnows,
        _ => Permitted::No,
    }
}

fn digest(name: &TokenName) -> Option<&Digest> {
    match name {
        TokenName::Secret(_, digest) => Some(digest),
        TokenName::Public(_) => None,
    }
}

fn remembered(name: &TokenName) -> Option<Verdict> {
    memory::dead(digest(name)?)
}

fn remember(name: &TokenName, verdict: &Verdict) {
    if let Some(digest) = digest(name) {
        memory::remember(digest.clone(), verdict);
    }
}
