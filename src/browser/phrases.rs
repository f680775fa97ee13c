//! A label and a sentence for each status, in each language.
//!
//! The reader owns the connection and did not build the app: no jargon, and nothing that reads like a reproach.

use crate::core::status_snapshot::StatusKind;
use crate::core::{ConnectionStatus, Status};

/// A label and a sentence.
type Phrase = (&'static str, &'static str);

pub(super) const fn english(status: StatusKind) -> Phrase {
    match status {
        StatusKind::Token(status) => match status {
            Status::Valid => ("Valid", "This token can be used."),
            Status::Inactive => ("Paused", "This token cannot be used while its connection is switched off."),
            Status::Consumed => ("Used", "This token has been used; it works only once."),
            Status::Revoked => ("Revoked", "This token has been withdrawn and cannot be used any more."),
            Status::Expired => ("Expired", "The time of this token is up, and it cannot be used any more."),
        },
        StatusKind::Connection(status) => match status {
            ConnectionStatus::Initiated => ("Waiting for approval", "This connection has not been approved yet."),
            ConnectionStatus::Active => ("Connected", "This connection is on."),
            ConnectionStatus::Inactive => ("Paused", "This connection is switched off, and can be switched on again."),
            ConnectionStatus::Revoking => {
                ("Disconnecting", "This connection is off here, and is still being ended at the provider.")
            }
            ConnectionStatus::Revoked => ("Disconnected", "This connection has been ended for good."),
            ConnectionStatus::Expired => ("Not approved in time", "Nobody approved this connection in time."),
        },
    }
}

pub(super) const fn french(status: StatusKind) -> Phrase {
    match status {
        StatusKind::Token(status) => match status {
            Status::Valid => ("Valide", "Ce jeton peut être utilisé."),
            Status::Inactive => ("En pause", "Ce jeton ne peut pas être utilisé tant que sa connexion est désactivée."),
            Status::Consumed => ("Utilisé", "Ce jeton a été utilisé\u{a0}; il ne sert qu’une fois."),
            Status::Revoked => ("Révoqué", "Ce jeton a été retiré et ne peut plus être utilisé."),
            Status::Expired => ("Expiré", "Ce jeton est arrivé à échéance et ne peut plus être utilisé."),
        },
        StatusKind::Connection(status) => match status {
            ConnectionStatus::Initiated => {
                ("En attente d’approbation", "Cette connexion n’a pas encore été approuvée.")
            }
            ConnectionStatus::Active => ("Connecté", "Cette connexion est active."),
            ConnectionStatus::Inactive => ("En pause", "Cette connexion est désactivée et peut être réactivée."),
            ConnectionStatus::Revoking => {
                ("Déconnexion en cours", "Cette connexion est coupée ici, et on y met encore fin chez le fournisseur.")
            }
            ConnectionStatus::Revoked => ("Déconnecté", "Il a été mis fin définitivement à cette connexion."),
            ConnectionStatus::Expired => {
                ("Délai dépassé", "Personne n’a approuvé cette connexion dans le délai prévu.")
            }
        },
    }
}

pub(super) const fn german(status: StatusKind) -> Phrase {
    match status {
        StatusKind::Token(status) => match status {
            Status::Valid => ("Gültig", "Dieses Token kann verwendet werden."),
            Status::Inactive => {
                ("Pausiert", "Dieses Token kann nicht verwendet werden, solange seine Verbindung ausgeschaltet ist.")
            }
            Status::Consumed => ("Verwendet", "Dieses Token wurde verwendet; es gilt nur einmal."),
            Status::Revoked => ("Widerrufen", "Dieses Token wurde zurückgezogen und kann nicht mehr verwendet werden."),
            Status::Expired => ("Abgelaufen", "Dieses Token ist abgelaufen und kann nicht mehr verwendet werden."),
        },
        StatusKind::Connection(status) => match status {
            ConnectionStatus::Initiated => ("Wartet auf Zustimmung", "Dieser Verbindung wurde noch nicht zugestimmt."),
            ConnectionStatus::Active => ("Verbunden", "Diese Verbindung ist eingeschaltet."),
            ConnectionStatus::Inactive => {
                ("Pausiert", "Diese Verbindung ist ausgeschaltet und kann wieder eingeschaltet werden.")
            }
            ConnectionStatus::Revoking => {
                ("Wird getrennt", "Diese Verbindung ist hier aus und wird beim Anbieter noch beendet.")
            }
            ConnectionStatus::Revoked => ("Getrennt", "Diese Verbindung wurde endgültig beendet."),
            ConnectionStatus::Expired => ("Frist verstrichen", "Dieser Verbindung hat niemand rechtzeitig zugestimmt."),
        },
    }
}

pub(super) const fn spanish(status: StatusKind) -> Phrase {
    match status {
        StatusKind::Token(status) => match status {
            Status::Valid => ("Válido", "Este token se puede usar."),
            Status::Inactive => ("En pausa", "Este token no se puede usar mientras su conexión esté desactivada."),
            Status::Consumed => ("Usado", "Este token ya se ha usado; solo sirve una vez."),
            Status::Revoked => ("Revocado", "Este token se ha retirado y ya no se puede usar."),
            Status::Expired => ("Caducado", "Este token ha caducado y ya no se puede usar."),
        },
        StatusKind::Connection(status) => match status {
            ConnectionStatus::Initiated => ("Pendiente de aprobación", "Esta conexión aún no se ha aprobado."),
            ConnectionStatus::Active => ("Conectado", "Esta conexión está activa."),
            ConnectionStatus::Inactive => ("En pausa", "Esta conexión está desactivada y se puede volver a activar."),
            ConnectionStatus::Revoking => {
                ("Desconectando", "Esta conexión ya está cortada aquí y aún se está cerrando en el proveedor.")
            }
            ConnectionStatus::Revoked => ("Desconectado", "Esta conexión se ha cerrado definitivamente."),
            ConnectionStatus::Expired => ("Plazo vencido", "Nadie aprobó esta conexión a tiempo."),
        },
    }
}
