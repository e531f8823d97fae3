"""The first schema, frozen: independent of the models as they are today."""
from peewee import *
import decimal

def up(migrator, db):
    class User(Model):
        login = CharField(unique=True, null=True, max_length=64)
        name = CharField(max_length=200)
        first_name = CharField(max_length=80, default='')
        email = CharField(null=True, max_length=254)
        email_confirmed_at = DateTimeField(null=True)
        phone = CharField(null=True, max_length=20)
        password_hash = CharField(null=True, max_length=200)
        must_change_password = BooleanField(default=False)
        one_time_until = DateTimeField(null=True)
        is_blocked = BooleanField(default=False)
        language = CharField(max_length=2, default='ru')
        theme = CharField(max_length=8, default='auto')
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'user'
    db.create_tables([User])

    class Subscriber(Model):
        user = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        last_name = CharField(max_length=80)
        first_name = CharField(max_length=80)
        patronymic = CharField(max_length=80, default='')
        phone = CharField(max_length=20)
        email = CharField(max_length=254, default='')
        passport = BlobField(null=True)
        personal_number = BlobField(null=True)
        birth_date = BlobField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'subscriber'
    db.create_tables([Subscriber])

    class Region(Model):
        slug = CharField(unique=True, max_length=32)
        name = CharField(max_length=80)
        name_where = CharField(max_length=80)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'region'
    db.create_tables([Region])

    class PromoCode(Model):
        code = CharField(unique=True, max_length=32)
        title = CharField(max_length=120)
        kind = CharField(max_length=32)
        percent = IntegerField(null=True)
        amount = BigIntegerField(null=True)
        months = IntegerField(null=True)
        traffic_gb = IntegerField(null=True)
        valid_from = DateField(null=True)
        valid_until = DateField(null=True)
        most_uses = IntegerField(null=True)
        tariffs = JSONField(default=list)
        least_down_kbit = IntegerField(null=True)
        regions = JSONField(default=list)
        once_per_address = BooleanField(default=False)
        is_active = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'promo_code'
    db.create_tables([PromoCode])

    class Application(Model):
        number = CharField(unique=True, max_length=16)
        tracker_hash = CharField(unique=True, max_length=64)
        form_key = CharField(unique=True, max_length=64)
        status = CharField(index=True, max_length=32, default='new')
        region = ForeignKeyField(Region, on_delete='RESTRICT')
        last_name = CharField(max_length=80)
        first_name = CharField(max_length=80)
        patronymic = CharField(max_length=80, default='')
        phone = CharField(max_length=20)
        email = CharField(max_length=254, default='')
        locality = CharField(max_length=80)
        street = CharField(max_length=120)
        house = CharField(max_length=20)
        entrance = CharField(max_length=10, default='')
        floor = CharField(max_length=10, default='')
        flat = CharField(max_length=10, default='')
        address_note = BlobField(null=True)
        house_kind = CharField(max_length=32)
        preferred_time = CharField(max_length=80, default='')
        comment = TextField(default='')
        package = JSONField()
        promo_code = ForeignKeyField(PromoCode, null=True, on_delete='RESTRICT')
        quote = JSONField()
        price_until = DateField()
        consent_version = CharField(max_length=32)
        operator = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        reason = TextField(default='')
        contract_id = IntegerField(null=True)
        created_at = DateTimeField(index=True)
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'application'
    db.create_tables([Application])

    class Tariff(Model):
        code = CharField(unique=True, max_length=16)
        name = CharField(max_length=80)
        description = TextField(default='')
        down_kbit = IntegerField()
        up_kbit = IntegerField()
        quota_gb = IntegerField(null=True)
        overage = JSONField(default=list)
        speed_after_quota_kbit = IntegerField(null=True)
        technologies = JSONField(default=list)
        house_kinds = JSONField(default=list)
        regions = JSONField(default=list)
        monthly_fee = BigIntegerField()
        connection_fee = BigIntegerField()
        vat_rate = IntegerField(default=25)
        needs_entitlement = BooleanField(default=False)
        is_on_sale = BooleanField(default=True)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'tariff'
    db.create_tables([Tariff])

    class TvPackage(Model):
        code = CharField(unique=True, max_length=16)
        name = CharField(max_length=80)
        description = TextField(default='')
        channels = IntegerField()
        hd_channels = IntegerField(default=0)
        signal = CharField(max_length=32)
        monthly_fee = BigIntegerField()
        vat_rate = IntegerField(default=25)
        is_on_sale = BooleanField(default=True)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'tv_package'
    db.create_tables([TvPackage])

    class Contract(Model):
        number = CharField(unique=True, max_length=16)
        subscriber = ForeignKeyField(Subscriber, on_delete='RESTRICT')
        application = ForeignKeyField(Application, unique=True, null=True, on_delete='RESTRICT')
        status = CharField(max_length=32, default='draft')
        region = ForeignKeyField(Region, on_delete='RESTRICT')
        address = CharField(max_length=300)
        house_kind = CharField(max_length=32)
        tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
        tv_package = ForeignKeyField(TvPackage, null=True, on_delete='RESTRICT')
        signed_at = DateTimeField(null=True)
        active_on = DateField(null=True)
        terminated_on = DateField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'contract'
    db.create_tables([Contract])

    class Account(Model):
        contract = ForeignKeyField(Contract, null=True, on_delete='RESTRICT')
        kind = CharField(max_length=32)
        currency = CharField(max_length=3, default='BYN')
        balance = BigIntegerField()
        entry_count = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'account'
            indexes = ((('contract', 'kind', 'currency'), True),)
    db.create_tables([Account])

    class AddOn(Model):
        code = CharField(unique=True, max_length=16)
        name = CharField(max_length=80)
        description = TextField(default='')
        kind = CharField(max_length=32)
        price = BigIntegerField()
        is_monthly = BooleanField()
        days = IntegerField(null=True)
        speed_factor = IntegerField(null=True)
        traffic_gb = IntegerField(null=True)
        vat_rate = IntegerField(default=25)
        is_on_sale = BooleanField(default=True)
        in_constructor = BooleanField(default=False)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'add_on'
    db.create_tables([AddOn])

    class ApplicationEvent(Model):
        application = ForeignKeyField(Application, on_delete='CASCADE')
        kind = CharField(max_length=16)
        from_status = CharField(null=True, max_length=32)
        to_status = CharField(null=True, max_length=32)
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        note = TextField(default='')
        form_key = CharField(unique=True, null=True, max_length=64)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'application_event'
            indexes = ((('application', 'at'), False),)
    db.create_tables([ApplicationEvent])

    class Attempt(Model):
        kind = CharField(max_length=32)
        key = CharField(max_length=128)
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'attempt'
            indexes = ((('kind', 'key', 'at'), False),)
    db.create_tables([Attempt])

    class AuditEvent(Model):
        at = DateTimeField(index=True)
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        action = CharField(max_length=64)
        subject = CharField(max_length=64)
        facts = JSONField(default=dict)
        class Meta:
            database = db
            table_name = 'audit_event'
    db.create_tables([AuditEvent])

    class Building(Model):
        region = ForeignKeyField(Region, on_delete='RESTRICT')
        locality = CharField(max_length=80)
        street = CharField(max_length=120)
        house = CharField(max_length=20)
        house_kind = CharField(max_length=32)
        technologies = JSONField(default=list)
        status = CharField(max_length=32)
        free_ports = IntegerField(default=0)
        has_digital_tv = BooleanField(default=True)
        class Meta:
            database = db
            table_name = 'building'
            indexes = ((('region', 'locality', 'street', 'house'), True),)
    db.create_tables([Building])

    class Bundle(Model):
        tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
        tv_package = ForeignKeyField(TvPackage, on_delete='RESTRICT')
        monthly_fee = BigIntegerField()
        class Meta:
            database = db
            table_name = 'bundle'
            indexes = ((('tariff', 'tv_package'), True),)
    db.create_tables([Bundle])

    class ChatThread(Model):
        contract = ForeignKeyField(Contract, unique=True, on_delete='RESTRICT')
        operator = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        last_message_at = DateTimeField(index=True)
        subscriber_read_id = IntegerField(default=0)
        operator_read_id = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'chat_thread'
    db.create_tables([ChatThread])

    class ChatMessage(Model):
        thread = ForeignKeyField(ChatThread, on_delete='RESTRICT')
        author = ForeignKeyField(User, on_delete='RESTRICT')
        by_operator = BooleanField()
        text = TextField()
        client_message_id = CharField(max_length=64)
        sent_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'chat_message'
            indexes = ((('thread', 'client_message_id'), True), (('thread', 'id'), False))
    db.create_tables([ChatMessage])

    class ConnectedAddOn(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        add_on = ForeignKeyField(AddOn, on_delete='RESTRICT')
        price = BigIntegerField()
        starts_at = DateTimeField()
        ends_at = DateTimeField(null=True)
        disconnected_at = DateTimeField(null=True)
        form_key = CharField(unique=True, max_length=64)
        class Meta:
            database = db
            table_name = 'connected_add_on'
    db.create_tables([ConnectedAddOn])

    class Consent(Model):
        application = ForeignKeyField(Application, null=True, on_delete='CASCADE')
        user = ForeignKeyField(User, null=True, on_delete='CASCADE')
        purpose = CharField(max_length=32)
        text_version = CharField(max_length=32)
        text_hash = CharField(max_length=64)
        given_at = DateTimeField()
        withdrawn_at = DateTimeField(null=True)
        address = CharField(max_length=64, default='')
        agent = CharField(max_length=200, default='')
        class Meta:
            database = db
            table_name = 'consent'
    db.create_tables([Consent])

    class Counter(Model):
        name = CharField(unique=True, max_length=32)
        value = IntegerField()
        class Meta:
            database = db
            table_name = 'counter'
    db.create_tables([Counter])

    class Credentials(Model):
        contract = ForeignKeyField(Contract, unique=True, on_delete='RESTRICT')
        issued_by = ForeignKeyField(User, on_delete='RESTRICT')
        issued_at = DateTimeField()
        sealed_at = DateTimeField(null=True)
        evidence = JSONField(default=dict)
        note = TextField(default='')
        class Meta:
            database = db
            table_name = 'credentials'
    db.create_tables([Credentials])

    class DebtBlock(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        started_at = DateTimeField()
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'debt_block'
    db.create_tables([DebtBlock])

    class Redemption(Model):
        promo_code = ForeignKeyField(PromoCode, on_delete='RESTRICT')
        application = ForeignKeyField(Application, unique=True, on_delete='CASCADE')
        address_key = CharField(index=True, max_length=200)
        state = CharField(max_length=32)
        effect = JSONField()
        at = DateTimeField()
        class Meta:
            database = db
            table_name = 'redemption'
    db.create_tables([Redemption])

    class Discount(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        redemption = ForeignKeyField(Redemption, null=True, on_delete='RESTRICT')
        kind = CharField(max_length=32)
        percent = IntegerField(null=True)
        amount = BigIntegerField(null=True)
        traffic_gb = IntegerField(null=True)
        first_month = DateField()
        last_month = DateField()
        ended_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'discount'
    db.create_tables([Discount])

    class Document(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        kind = CharField(max_length=16)
        title = CharField(max_length=200)
        pdf = BlobField()
        sha256 = CharField(max_length=64)
        is_signed = BooleanField(default=False)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'document'
    db.create_tables([Document])

    class Quote(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        action = CharField(max_length=32)
        request = JSONField()
        facts = CharField(max_length=64)
        lines = JSONField()
        created_at = DateTimeField()
        executed_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'quote'
    db.create_tables([Quote])

    class Operation(Model):
        key = CharField(unique=True, max_length=120)
        fingerprint = CharField(max_length=64)
        kind = CharField(max_length=32)
        contract = ForeignKeyField(Contract, null=True, on_delete='RESTRICT')
        title = CharField(max_length=200)
        formula = TextField(default='')
        basis = TextField(default='')
        quote = ForeignKeyField(Quote, null=True, on_delete='RESTRICT')
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        reason = TextField(default='')
        reverses = ForeignKeyField('self', unique=True, null=True, on_delete='RESTRICT')
        booked_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'operation'
            indexes = ((('contract', 'booked_at'), False),)
    db.create_tables([Operation])

    class Entry(Model):
        operation = ForeignKeyField(Operation, on_delete='RESTRICT')
        account = ForeignKeyField(Account, on_delete='RESTRICT')
        amount = BigIntegerField()
        balance_after = BigIntegerField()
        class Meta:
            database = db
            table_name = 'entry'
            indexes = ((('account', 'id'), False),)
    db.create_tables([Entry])

    class Equipment(Model):
        code = CharField(unique=True, max_length=16)
        name = CharField(max_length=80)
        kind = CharField(max_length=32)
        buy_price = BigIntegerField(null=True)
        rent_fee = BigIntegerField(null=True)
        installation_fee = BigIntegerField(default=decimal.Decimal('0'))
        lost_price = BigIntegerField(null=True)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'equipment'
    db.create_tables([Equipment])

    class EquipmentUnit(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        equipment = ForeignKeyField(Equipment, on_delete='RESTRICT')
        ownership = CharField(max_length=32)
        monthly_fee = BigIntegerField()
        serial = CharField(null=True, max_length=64)
        mac = CharField(null=True, max_length=17)
        installed_at = DateTimeField(null=True)
        returned_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'equipment_unit'
    db.create_tables([EquipmentUnit])

    class Office(Model):
        region = ForeignKeyField(Region, on_delete='RESTRICT')
        kind = CharField(max_length=32)
        address = CharField(max_length=200)
        hours = CharField(max_length=200)
        phone = CharField(max_length=32)
        latitude = DoubleField()
        longitude = DoubleField()
        directions = TextField()
        scheme = CharField(max_length=80)
        position = IntegerField(default=0)
        class Meta:
            database = db
            table_name = 'office'
    db.create_tables([Office])

    class OutgoingMessage(Model):
        channel = CharField(max_length=32)
        key = CharField(unique=True, max_length=120)
        recipient = CharField(max_length=254)
        subject = CharField(max_length=200, default='')
        text = TextField()
        html = TextField(default='')
        state = CharField(max_length=32, default='waiting')
        tries = IntegerField(default=0)
        next_at = DateTimeField()
        leased_until = DateTimeField(null=True)
        message_id = CharField(max_length=120)
        error = TextField(default='')
        created_at = DateTimeField()
        sent_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'outgoing_message'
            indexes = ((('state', 'next_at'), False),)
    db.create_tables([OutgoingMessage])

    class Payment(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        amount = BigIntegerField()
        currency = CharField(max_length=3, default='BYN')
        state = CharField(max_length=32)
        gateway = CharField(max_length=16)
        tracking_id = CharField(unique=True, max_length=64)
        form_key = CharField(unique=True, max_length=64)
        gateway_token = CharField(unique=True, null=True, max_length=128)
        gateway_uid = CharField(unique=True, null=True, max_length=64)
        redirect_url = TextField(default='')
        card_brand = CharField(max_length=16, default='')
        card_last4 = CharField(max_length=4, default='')
        receipt_url = TextField(default='')
        message = TextField(default='')
        user = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        asked = IntegerField(default=0)
        next_check_at = DateTimeField(index=True, null=True)
        created_at = DateTimeField()
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'payment'
    db.create_tables([Payment])

    class PeriodCharge(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        month = DateField()
        charged_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'period_charge'
            indexes = ((('contract', 'month'), True),)
    db.create_tables([PeriodCharge])

    class PromisedPayment(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        amount = BigIntegerField()
        promised_at = DateTimeField()
        due_at = DateTimeField()
        fulfilled_at = DateTimeField(null=True)
        lapsed_at = DateTimeField(null=True)
        form_key = CharField(unique=True, max_length=64)
        class Meta:
            database = db
            table_name = 'promised_payment'
    db.create_tables([PromisedPayment])

    class RecoveryToken(Model):
        user = ForeignKeyField(User, on_delete='CASCADE')
        token_hash = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        expires_at = DateTimeField()
        used_at = DateTimeField(null=True)
        class Meta:
            database = db
            table_name = 'recovery_token'
    db.create_tables([RecoveryToken])

    class Session(Model):
        token_hash = CharField(unique=True, max_length=64)
        user = ForeignKeyField(User, on_delete='CASCADE')
        role = CharField(max_length=32)
        contract_id = IntegerField(null=True)
        created_at = DateTimeField()
        seen_at = DateTimeField()
        expires_at = DateTimeField()
        fresh_at = DateTimeField()
        must_change_password = BooleanField(default=False)
        address = CharField(max_length=64, default='')
        agent = CharField(max_length=200, default='')
        revoked_at = DateTimeField(index=True, null=True)
        class Meta:
            database = db
            table_name = 'session'
    db.create_tables([Session])

    class SpentToken(Model):
        token_hash = CharField(unique=True, max_length=64)
        expires_at = DateTimeField(index=True)
        class Meta:
            database = db
            table_name = 'spent_token'
    db.create_tables([SpentToken])

    class Suspension(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        starts_on = DateField()
        ends_on = DateField()
        resumed_on = DateField(null=True)
        form_key = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        class Meta:
            database = db
            table_name = 'suspension'
    db.create_tables([Suspension])

    class TariffChange(Model):
        contract = ForeignKeyField(Contract, on_delete='RESTRICT')
        old_tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
        new_tariff = ForeignKeyField(Tariff, on_delete='RESTRICT')
        effective_on = DateField()
        state = CharField(max_length=32)
        form_key = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        actor = ForeignKeyField(User, null=True, on_delete='RESTRICT')
        class Meta:
            database = db
            table_name = 'tariff_change'
    db.create_tables([TariffChange])

    class UserRole(Model):
        user = ForeignKeyField(User, on_delete='CASCADE')
        role = CharField(max_length=32)
        class Meta:
            database = db
            table_name = 'user_role'
            indexes = ((('user', 'role'), True),)
    db.create_tables([UserRole])

    class Visit(Model):
        application = ForeignKeyField(Application, on_delete='RESTRICT')
        technician = ForeignKeyField(User, on_delete='RESTRICT')
        day = DateField(index=True)
        hour = IntegerField()
        status = CharField(max_length=32, default='planned')
        reason = TextField(default='')
        form_key = CharField(unique=True, max_length=64)
        started_at = DateTimeField(null=True)
        completed_at = DateTimeField(null=True)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'visit'
    db.create_tables([Visit])

    class VisitReport(Model):
        visit = ForeignKeyField(Visit, unique=True, on_delete='CASCADE')
        line_level_dbm = DecimalField(null=True, max_digits=5, decimal_places=2)
        down_mbit = IntegerField(null=True)
        up_mbit = IntegerField(null=True)
        note = TextField(default='')
        signature_svg = TextField(default='')
        signed_name = CharField(max_length=200, default='')
        signed_at = DateTimeField(null=True)
        updated_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'visit_report'
    db.create_tables([VisitReport])

    class Waiting(Model):
        region = ForeignKeyField(Region, on_delete='RESTRICT')
        phone = CharField(max_length=20)
        address = CharField(max_length=300)
        consent_version = CharField(max_length=32)
        form_key = CharField(unique=True, max_length=64)
        created_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'waiting'
    db.create_tables([Waiting])

    class Webhook(Model):
        gateway = CharField(max_length=16)
        fingerprint = CharField(unique=True, max_length=64)
        body = BlobField()
        is_verified = BooleanField()
        tracking_id = CharField(max_length=64, default='')
        outcome = CharField(max_length=64, default='')
        count = IntegerField(default=1)
        received_at = DateTimeField()
        class Meta:
            database = db
            table_name = 'webhook'
    db.create_tables([Webhook])


def down(migrator, db):
    migrator.migrate(migrator.drop_table('webhook'))
    migrator.migrate(migrator.drop_table('waiting'))
    migrator.migrate(migrator.drop_table('visit_report'))
    migrator.migrate(migrator.drop_table('visit'))
    migrator.migrate(migrator.drop_table('user_role'))
    migrator.migrate(migrator.drop_table('tariff_change'))
    migrator.migrate(migrator.drop_table('suspension'))
    migrator.migrate(migrator.drop_table('spent_token'))
    migrator.migrate(migrator.drop_table('session'))
    migrator.migrate(migrator.drop_table('recovery_token'))
    migrator.migrate(migrator.drop_table('promised_payment'))
    migrator.migrate(migrator.drop_table('period_charge'))
    migrator.migrate(migrator.drop_table('payment'))
    migrator.migrate(migrator.drop_table('outgoing_message'))
    migrator.migrate(migrator.drop_table('office'))
    migrator.migrate(migrator.drop_table('equipment_unit'))
    migrator.migrate(migrator.drop_table('equipment'))
    migrator.migrate(migrator.drop_table('entry'))
    migrator.migrate(migrator.drop_table('operation'))
    migrator.migrate(migrator.drop_table('quote'))
    migrator.migrate(migrator.drop_table('document'))
    migrator.migrate(migrator.drop_table('discount'))
    migrator.migrate(migrator.drop_table('redemption'))
    migrator.migrate(migrator.drop_table('debt_block'))
    migrator.migrate(migrator.drop_table('credentials'))
    migrator.migrate(migrator.drop_table('counter'))
    migrator.migrate(migrator.drop_table('consent'))
    migrator.migrate(migrator.drop_table('connected_add_on'))
    migrator.migrate(migrator.drop_table('chat_message'))
    migrator.migrate(migrator.drop_table('chat_thread'))
    migrator.migrate(migrator.drop_table('bundle'))
    migrator.migrate(migrator.drop_table('building'))
    migrator.migrate(migrator.drop_table('audit_event'))
    migrator.migrate(migrator.drop_table('attempt'))
    migrator.migrate(migrator.drop_table('application_event'))
    migrator.migrate(migrator.drop_table('add_on'))
    migrator.migrate(migrator.drop_table('account'))
    migrator.migrate(migrator.drop_table('contract'))
    migrator.migrate(migrator.drop_table('tv_package'))
    migrator.migrate(migrator.drop_table('tariff'))
    migrator.migrate(migrator.drop_table('application'))
    migrator.migrate(migrator.drop_table('promo_code'))
    migrator.migrate(migrator.drop_table('region'))
    migrator.migrate(migrator.drop_table('subscriber'))
    migrator.migrate(migrator.drop_table('user'))
