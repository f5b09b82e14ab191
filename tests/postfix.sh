#!/usr/bin/env bash
# A real Postfix in front (SMTP in, LMTP over to us) and as the relay behind: mails sent with swaks must come out at
# the mailboxes of contact, reporter and committee. Loopback only, folders of its own, everything gone at the end.
#
# As root on Debian with postfix and swaks:   tests/postfix.sh [path of the fingerpost binary]
set -euo pipefail
cd "$(dirname "$0")/.."
binary=$(realpath "${1:-target/release/fingerpost}")
for tool in postfix swaks; do
  command -v "$tool" >/dev/null || { echo "SKIPPED: $tool is not installed (apt-get install $tool)" >&2; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "SKIPPED: Postfix starts only as root" >&2; exit 77; }
[ -x "$binary" ] || { echo "there is no $binary; build it first (cargo build --release)" >&2; exit 1; }

dir=$(mktemp -d -t fingerpost-postfix-XXXXXX)
chmod 755 "$dir"
pid=
finish() {
  status=$?
  [ $status = 0 ] || { echo "--- the logs" >&2; tail -n 40 "$dir/postfix.log" "$dir/fingerpost.log" >&2 || true; }
  [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
  [ ! -d "$dir/conf" ] || postfix -c "$dir/conf" stop >/dev/null 2>&1 || true
  [ -z "$pid" ] || wait "$pid" || true
  rm -rf "$dir"
}
trap finish EXIT

# A port at which nobody listens.
free_port() {
  local port
  while port=$((20000 + RANDOM % 20000)); (: </dev/tcp/127.0.0.1/$port) 2>/dev/null; do :; done
  echo "$port"
}

# Asks again, for at most 30 s.
until_true() {
  local what=$1
  shift
  for _ in $(seq 300); do
    if "$@"; then return; fi
    sleep 0.1
  done
  echo "FAILED: $what" >&2
  exit 1
}

mails_of() { find "$dir/mail/$1/new" -type f 2>/dev/null | wc -l; }
has_mails() { [ "$(mails_of "$1")" -ge "$2" ]; }
# The newest mail of a mailbox whose subject contains $2.
mail_of() { grep -rlE "^Subject: .*$2" "$dir/mail/$1/new" | tail -n 1; }
milliseconds() { date +%s%3N; }

front=$(free_port) relay=$(free_port) lmtp=127.0.0.1:$(free_port)

# --- Fingerpost
mkdir "$dir/fingerpost"
cat >"$dir/fingerpost/fingerpost.toml" <<END
ops = "off"
[web]
http = "127.0.0.1:0"
[mail]
smtp = "off"
lmtp = "$lmtp"
trusted_peers = ["127.0.0.1"]
authserv_id = "mx.front.example"
dns = "off"
[relay]
url = "smtp+plain://127.0.0.1:$relay"
END
cat >"$dir/fingerpost/projects.toml" <<'END'
[foundation]
name = "Front Foundation"
security_address = "security@front.example"
public_url = "https://security.front.example"
[routing]
auto_forward = "strong"
hold = "0s"
[[committee]]
name = "Ada Chair"
email = "ada@people.example"
role = "chair"
[[project]]
id = "parsley"
name = "Parsley"
packages = ["pkg:pypi/parsley-core"]
contacts = [{ email = "security@parsley.example" }]
[[project]]
id = "sorrel"
name = "Sorrel"
packages = ["pkg:pypi/sorrel-core"]
contacts = [{ name = "Pat", email = "pat@parsley.example" }]
[[project]]
id = "rosemary"
name = "Rosemary"
packages = ["pkg:pypi/rosemary-core"]
contacts = [{ email = "gone@parsley.example" }]
[[project]]
id = "lovage"
name = "Lovage"
packages = ["pkg:pypi/lovage-core"]
contacts = [{ email = "security@later.example" }]
END

# --- Postfix: `front` is its public side, `relay` the one that takes our letters
mkdir -p "$dir"/{conf,queue,data,mail}
chown postfix "$dir/data"
chown nobody "$dir/mail"
cat >"$dir/conf/main.cf" <<END
compatibility_level = 3.6
myhostname = mx.front.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
# What a filter for SPF writes, for the two senders of the dialogue.
smtpd_sender_restrictions = check_sender_access inline:{
  { pat@parsley.example = PREPEND Authentication-Results: mx.front.example; spf=pass smtp.mailfrom=parsley.example }
  { jane@finder.example = PREPEND Authentication-Results: mx.front.example; spf=pass smtp.mailfrom=finder.example } }
relay_domains = front.example
transport_maps = inline:{ front.example=lmtp:inet:$lmtp }
virtual_mailbox_domains = parsley.example, people.example, finder.example
virtual_mailbox_maps = inline:{
  { security@parsley.example = contact/ }
  { pat@parsley.example = pat/ }
  { ada@people.example = chair/ }
  { @finder.example = reporter/ } }
virtual_mailbox_base = $dir/mail
virtual_uid_maps = static:$(id -u nobody)
virtual_gid_maps = static:$(id -g nobody)
default_transport = error:this Postfix sends nothing to the world
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = $dir/postfix.log
maillog_file_prefixes = $dir
END
cat >"$dir/conf/master.cf" <<END
127.0.0.1:$front inet n - n - - smtpd
127.0.0.1:$relay inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
END
postfix -c "$dir/conf" start >/dev/null 2>&1
# Postfix first: a relay that is not there yet would be probed once a minute.
(cd "$dir/fingerpost" && exec "$binary" serve >"$dir/greeting" 2>"$dir/fingerpost.log") &
pid=$!
until_true "fingerpost starts" grep -q LMTP "$dir/greeting"

send() { # from to subject, more words for swaks
  local from=$1 to=$2 subject=$3
  shift 3
  swaks --silent 1 --server "127.0.0.1:$front" --from "$from" --to "$to" --header "Subject: $subject" "$@" >/dev/null
}
postconf -c "$dir/conf" -h mail_version | sed 's/^/Postfix /'

# --- 1. a report comes out at the contact, and a receipt at the reporter
head -c 100000 /dev/urandom >"$dir/poc.bin"
started=$(milliseconds)
send jane@finder.example security@front.example "Buffer overflow in parsley-core 2.1" \
  --body "A crafted table makes parsley-core 2.1 read past the end of its buffer." --attach "@$dir/poc.bin"
until_true "the forward reaches the contact's mailbox" has_mails contact 1
echo "1. report -> Postfix -> LMTP -> us -> relay -> the contact's mailbox: $(($(milliseconds) - started)) ms"
until_true "the receipt reaches the reporter's mailbox" has_mails reporter 1
forward=$(mail_of contact "Security report for Parsley")
grep -q '^From: .*<security@front.example>' "$forward"
! grep -qi 'jane@finder' "$forward" || { echo "FAILED: the forward names the reporter" >&2; exit 1; }

# --- 2. the contact answers to its own address; nothing proves it, so a letter with a link asks the contact
reply_to=$(sed -n 's/^Reply-To: *<\{0,1\}\([^>]*\)>\{0,1\}\r\{0,1\}$/\1/p' "$forward" | head -n 1)
send security@parsley.example "$reply_to" "Re: Security report for Parsley" --body "Thank you, we have it."
until_true "the contact is asked to confirm its answer" has_mails contact 2
echo "2. the contact's answer to its party address came in by LMTP, and the letter that asks to confirm it went out"

# --- 3. a contact that the relay refuses: the committee is told
send jane@finder.example security@front.example "Overflow in rosemary-core 1.0" \
  --body "rosemary-core 1.0 writes past the end of its buffer."
until_true "the committee hears of the refusal" has_mails chair 1
grep -q 'gone@parsley.example' "$(mail_of chair bounced)"
echo "3. a contact that the relay refused (550) is named to the committee"

# --- 4. twenty reports of as many senders at once: each comes out once (Jane has had her receipt of the day)
before=$(mails_of contact)
started=$(milliseconds)
senders=()
for number in $(seq 20); do
  send "sender$number@finder.example" security@front.example "Flaw $number in parsley-core" \
    --body "Vulnerability $number in parsley-core 2.1: it overflows." &
  senders+=($!)
done
wait "${senders[@]}"
until_true "all reports reach the contact" has_mails contact $((before + 20))
until_true "all receipts reach the reporters" has_mails reporter 21
echo "4. twenty more at once: all at the contact, and their receipts at the reporters, after $(($(milliseconds) - started)) ms"
twice=$(grep -rh '^Message-I[Dd]:' "$dir/mail" | sort | uniq -d | wc -l)
[ "$twice" = 0 ] && [ "$(mails_of contact)" = $((before + 20)) ] || { echo "FAILED: a letter came twice" >&2; exit 1; }

# --- 5. a dialogue in the shapes of mail programs; Postfix itself says whose mail SPF vouches for
field() { sed -n "s/^$1: *\(.*[^\r]\)\r\{0,1\}\$/\1/Ip" "$2" | head -n 1; }
address() { field "$1" "$2" | sed 's/.*<//; s/>.*//'; }
# The text of a letter of ours, whichever way it is encoded.
text_of() { python3 -c 'import email, email.policy, sys
print(email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.default).get_content())' "$1"; }
# The last mail of a mailbox whose text holds some words, and whether there is one.
saying() { find "$dir/mail/$1/new" -type f | while read -r file; do text_of "$file" | tr '\n' ' ' | grep -q "$2" && echo "$file" || true; done | tail -n 1; }
says() { [ -n "$(saying "$1" "$2")" ]; }
fail() { echo "FAILED: $1" >&2; exit 1; }
# A mail with the headers and words of a file, from $1 to $2.
write() { swaks --silent 1 --server "127.0.0.1:$front" --from "$1" --to "$2" --data "@$3" >/dev/null; }

send jane@finder.example security@front.example "Overflow in sorrel-core 3.0" \
  --body "sorrel-core 3.0 writes past the end of its buffer.

-- 
Jane Finder, jane@finder.example"
until_true "the forward reaches Pat" has_mails pat 1
forward=$(mail_of pat "Security report for Sorrel")
party=$(address Reply-To "$forward")
second=$(text_of "$forward" | grep -o 'security+r\.[a-z2-7]*@front.example' | head -n 1)

# An out-of-office note, which must stop nothing.
cat >"$dir/away.eml" <<END
From: Pat <pat@parsley.example>
To: $party
Subject: Automatic reply: $(field Subject "$forward")
Message-ID: <away-1@parsley.example>
In-Reply-To: $(field Message-ID "$forward")
Auto-Submitted: auto-replied
X-Auto-Response-Suppress: All

I am away until Monday.
END
write pat@parsley.example "$party" "$dir/away.eml"

# Outlook: the answer on top, the letter below a block of headers.
cat >"$dir/outlook.eml" <<END
From: Pat <pat@parsley.example>
To: $party
Subject: RE: $(field Subject "$forward")
Thread-Topic: $(field Subject "$forward")
Message-ID: <outlook-1@parsley.example>
In-Reply-To: $(field Message-ID "$forward")
References: $(field Message-ID "$forward")

We have it and look into it.

Pat

-----Original Message-----
From: Front Foundation security <security@front.example>
Sent: Friday, November 20, 2026 3:02 PM
To: pat@parsley.example
Subject: $(field Subject "$forward")

You are a security contact for Sorrel at Front Foundation.
END
write pat@parsley.example "$party" "$dir/outlook.eml"
until_true "the reporter is told that Sorrel has confirmed" says reporter "Sorrel has confirmed"
echo "5. an out-of-office note changed nothing; the contact's answer (Outlook) confirmed, and the reporter is told"

# Gmail: HTML beside the text, the letter quoted below an attribution line, to the second address.
cat >"$dir/gmail.eml" <<END
From: Pat <pat@parsley.example>
To: $second
Subject: Re: $(field Subject "$forward")
Message-ID: <gmail-1@parsley.example>
In-Reply-To: $(field Message-ID "$forward")
References: $(field Message-ID "$forward")
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b1"

--b1
Content-Type: text/plain; charset=UTF-8

Which compiler did you use?

On Fri, Nov 20, 2026 at 3:02 PM Front Foundation security <
security@front.example> wrote:

> You are a security contact for Sorrel at Front Foundation.
>

-- 
Pat Parsley, +1 555 0100, pat@parsley.example

--b1
Content-Type: text/html; charset=UTF-8

<div>Which compiler did you use?</div><div class="gmail_quote">On Fri, Nov 20, 2026 wrote: <blockquote>You are</blockquote></div>
--b1--
END
write pat@parsley.example "$second" "$dir/gmail.eml"
until_true "the contact's question reaches the reporter" says reporter "Which compiler"
question=$(saying reporter "Which compiler")
if text_of "$question" | grep -qE "555 0100|pat@parsley|You are a security contact"; then fail "the reporter sees more than the contact's words"; fi
grep -q "Sorrel security contact" <<<"$(text_of "$question")" || fail "the question is not signed for the project"
! grep -qi "pat@parsley" "$question" || fail "the contact's address is in the mail to the reporter"
echo "6. the contact's question (Gmail, by the second address) reached the reporter: its words alone"

# Thunderbird: quote first, the answer below, a signature at the end.
cat >"$dir/thunderbird.eml" <<END
From: Jane Finder <jane@finder.example>
To: $(address Reply-To "$question")
Subject: Re: $(field Subject "$question")
Message-ID: <thunderbird-1@finder.example>
In-Reply-To: $(field Message-ID "$question")
References: $(field References "$question") $(field Message-ID "$question")
Content-Type: text/plain; charset=UTF-8; format=flowed

On 20/11/2026 15:10, Front Foundation security wrote:
> Which compiler did you use?

GCC 14.2 with -O2.

-- 
Jane Finder
jane@finder.example
END
write jane@finder.example "$(address Reply-To "$question")" "$dir/thunderbird.eml"
until_true "the reporter's answer reaches the contact" says pat "GCC 14.2"
answer=$(saying pat "GCC 14.2")
! grep -qi "jane" <<<"$(cat "$answer")$(text_of "$answer")" || fail "the contact learns who the reporter is"
tr -d '\r' <"$answer" | sed -n '/^References:/I,/^[^ ]/p' | grep -qF "$(field Message-ID "$forward")" || fail "the answer is not in the forward's thread"
echo "7. the reporter's answer (Thunderbird) reached the contact in the forward's thread, without a name"

# --- 8. a letter that the relay takes and gives back later, by a delivery report of Postfix
before=$(mails_of chair)
send jane@finder.example security@front.example "Overflow in lovage-core 1.0" \
  --body "lovage-core 1.0 writes past the end of its buffer."
until_true "the committee hears of the delivery report" has_mails chair $((before + 1))
says chair 'security@later.example' || fail "the committee's letter does not name the contact"
echo "8. Postfix took the forward, then sent a delivery report to its return path: the committee is told"

queued=$(find "$dir/queue"/{incoming,active,deferred,maildrop} -type f 2>/dev/null | wc -l)
echo "Postfix's queue at the end: $queued"
