"""What each rule of rules.yml has to find and what it must leave alone; `semgrep --test` compares. Never run."""

with database.atomic():
    row = Account.get()
    # ruleid: await-in-transaction
    await bank.ask(row)

with database.atomic():
    # ok: await-in-transaction
    row = Account.get()


@transactional
async def pay():
    # ruleid: await-in-transaction
    await bank.ask()


@transactional
def sign_in():
    # ruleid: network-in-transaction
    httpx.get('https://bank.example')
    # ruleid: network-in-transaction
    Outbound('https://bank.example').request('GET', 'https://bank.example')
    # ruleid: network-in-transaction
    hashed = passwords.hash_password('x')


def outside():
    # ok: network-in-transaction
    return httpx.get('https://bank.example')


# ruleid: html-from-text
ui.html(f'<b>{name}</b>', sanitize=False)
# ruleid: html-from-text
ui.html('<b>' + name, sanitize=False)
# ruleid: html-from-text
mark = Markup(f'<b>{name}</b>')
# ok: html-from-text
ui.html(render('_bubble.html', message=message), sanitize=False)
# ok: html-from-text
mark = Markup('<b>{}</b>').format(name)

# ruleid: text-into-script
ui.run_javascript(f'alert("{name}")')
# ruleid: text-into-script
client.run_javascript('alert(' + name)
# ruleid: text-into-script
table.add_slot('body', f'<td>{name}</td>')
# ruleid: text-into-script
ui.add_head_html(f'<title>{name}</title>')
# ok: text-into-script
ui.run_javascript('window.print()')

# ruleid: text-into-sql
database.execute_sql(f'SELECT * FROM user WHERE name = {name}')
# ruleid: text-into-sql
database.execute_sql('SELECT * FROM user WHERE name = %s' % name)
# ok: text-into-sql
database.execute_sql('SELECT * FROM user WHERE name = %s', (name,))

# ruleid: navigation-to-a-variable
ui.navigate.to(wanted)
# ruleid: navigation-to-a-variable
ui.link('Дальше', page)
# ok: navigation-to-a-variable
ui.navigate.to(safe_url(wanted, '/my/index'))
# ok: navigation-to-a-variable
ui.navigate.to(HOME[role])
# ok: navigation-to-a-variable
ui.navigate.to('/my/index')

# ruleid: redirect-by-hand
answer = RedirectResponse(wanted)
# ok: redirect-by-hand
answer = see_other('/my/index')

# ruleid: sink-of-nicegui
ui.notify(text, html=True)
# ruleid: sink-of-nicegui
ui.markdown(text)
# ok: sink-of-nicegui
ui.notify(text)

# ruleid: storage-of-nicegui
app.storage.user['name'] = name

# ruleid: client-that-trusts
client = httpx.Client(verify=False)
# ruleid: client-that-trusts
client = httpx.Client(follow_redirects=True)
# ok: client-that-trusts
client = httpx.Client(follow_redirects=False)

# ruleid: broken-hash
digest = hashlib.md5(text)
# ok: broken-hash
digest = hashlib.sha256(text)
