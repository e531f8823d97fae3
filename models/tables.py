"""All tables, in the order in which they can be created."""

from models.access import AccessGrant
from models.account import (
    Account,
    BillingRun,
    ChargingStop,
    Counter,
    Entry,
    Operation,
    OperationLink,
    PeriodCharge,
    Quote,
)
from models.application import Application, ApplicationEvent, Consent, Redemption, Waiting
from models.base import BaseModel
from models.catalogue import AddOn, Bundle, Equipment, PromoCode, Tariff, TvPackage
from models.chat import ChatMessage, ChatThread
from models.contract import (
    ConnectedAddOn,
    Contract,
    Credentials,
    DebtBlock,
    Discount,
    Document,
    EquipmentUnit,
    PromisedPayment,
    Subscriber,
    Suspension,
    TariffChange,
)
from models.correction import Correction
from models.equipment import EquipmentOrder, EquipmentReturn
from models.erip import EripClaim, EripPayment, PaymentForOther
from models.file import StoredFile
from models.guessing import FailedSignIn, RecoveryRequest
from models.line import LineTick
from models.manual_payment import ManualPayment
from models.outbox import OutgoingMessage
from models.payment import Payment, Webhook
from models.price import CataloguePrice
from models.privacy import ConsentText, OwnExport, PrivacyRequest
from models.quarantine import QuarantineVerdict
from models.reconciliation import PaymentDifference, Reconciliation
from models.refund import Refund
from models.region import Building, Office, Region
from models.registry import Registry, RegistryLine
from models.rule import RuleChange
from models.saved_card import Autopay, CardPayment, SavedCard
from models.second_factor import FactorReset, Passkey, PasskeyChallenge, RecoveryCode, TotpSecret
from models.termination import Payout, Termination
from models.usage import TrafficUsage, UsageFile
from models.user import Attempt, AuditAnchor, AuditEvent, RecoveryToken, Session, SpentToken, User, UserRole
from models.visit import Visit, VisitReport

ALL: tuple[type[BaseModel], ...] = (
    Region, Office, Building,
    Tariff, TvPackage, Bundle, Equipment, AddOn, PromoCode,
    User, UserRole, Session, RecoveryToken, SpentToken, Attempt, AuditEvent, AuditAnchor,
    TotpSecret, Passkey, PasskeyChallenge, RecoveryCode, FactorReset,
    FailedSignIn, RecoveryRequest,
    RuleChange, CataloguePrice,
    Application, ApplicationEvent, Redemption, Waiting, Consent,
    Subscriber, Contract, TariffChange, ConnectedAddOn, Suspension, DebtBlock, Discount,
    EquipmentUnit, PromisedPayment, Document, Credentials, AccessGrant,
    Account, Quote, Operation, Entry, OperationLink, ChargingStop, Counter, PeriodCharge, BillingRun,
    Correction, Termination, Payout,
    EquipmentOrder, EquipmentReturn, LineTick,
    TrafficUsage, UsageFile,
    Payment, Webhook, Refund, ManualPayment, QuarantineVerdict, Reconciliation, PaymentDifference,
    SavedCard, CardPayment, Autopay,
    EripClaim, EripPayment, PaymentForOther,
    Registry, RegistryLine,
    Visit, VisitReport,
    ChatThread, ChatMessage,
    StoredFile,
    OutgoingMessage,
    ConsentText, OwnExport, PrivacyRequest,
)  # fmt: skip
