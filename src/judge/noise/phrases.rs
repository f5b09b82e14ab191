//! Words and phrases that tell what a text is, by the sign that they are of.
//!
//! All are in folded form, as `fold` leaves a text: lower case, a space for each hyphen and underscore. They are set
//! apart by commas; `*` at the end stands for the rest of a word. They are ours, from what reports, scanners and
//! people who ask for help say everywhere; none belongs to one project.

/// Names of flaws in software.
pub const FLAW: &str = "
    sql injection, nosql injection, command injection, code injection, shell injection, script injection,
    object injection, template injection, ldap injection, header injection, crlf injection, log injection,
    argument injection, xml external entity, xml external entities, external entities, xxe, ssti, prototype pollution,
    path traversal, directory traversal, zip slip, arbitrary file*, local file inclusion, file inclusion, lfi,
    symlink attack*, buffer overflow*, heap overflow*, stack based buffer, heap based buffer, integer overflow*,
    integer underflow*, out of bounds, oob read, oob write, buffer over read, over read, use after free, double free,
    null pointer, null dereference, nil pointer, segfault*, segmentation fault, memory corruption, memory safety,
    memory exhaustion, uninitialized memory, undefined behavior, data race*, type confusion, format string,
    race condition*, toctou, deserializ*, deserialis*, unserializ*, pickle*, remote code execution, rce,
    arbitrary code, arbitrary command*, arbitrary javascript, code execution, command execution, arbitrary sql,
    privilege escalation, escalation of privilege*, elevation of privilege*, escalate privileges, gain privileges,
    sandbox escape, server side request forgery, ssrf, request smuggling, response splitting, smuggling,
    cache poisoning, redos, regular expression denial, catastrophic backtracking, denial of service,
    denial of service*, dos attack*, dos vulnerability, remote dos, resource exhaustion, resource consumption,
    zip bomb, decompression bomb, billion laughs, infinite loop, uncontrolled recursion, authentication bypass,
    authorization bypass, bypass authentication, security bypass, access bypass, access control*, broken access, idor,
    permission model, missing authorization, improper, incorrect authorization, information disclosure,
    information exposure, information leak*, sensitive information, sensitive data, timing attack*,
    timing side channel, side channel, padding oracle, weak random*, insufficient entropy, insufficient randomness,
    predictable, hard coded, hardcoded, man in the middle, mitm, signature verification, certificate validation,
    hostname verification, plaintext password*, cleartext, over http, insecure protocol, open redirect*,
    url redirection, untrusted search path, trust boundar*, cryptographic*, outside of the bounds, outside the bounds,
    beyond the bounds, past the end, downgrade attack*, cross site scripting, stored xss, reflected xss, dom xss, xss,
    html injection, cross site request forgery, cross site, csrf, session hijack*, session fixation, dns rebinding,
    typosquat*, malicious package*, malicious code, dependency confusion, backdoor*, malware, exfiltrat*,
    world readable, world writable, insecure temporary, temporary file*, insecure default*, credential leak*,
    credentials in";

/// That something is a flaw in security.
pub const VULNERABLE: &str = "
    vulnerab*, security flaw*, security issue*, security hole*, security bug*, security problem*, security weakness*,
    security vulnerab*, security risk*, security fix*, security advis*, security release*, security concern*,
    insecure*, exploit*, abus*, attack surface, weakness*, flaw*";

/// Somebody who means harm, and what they bring.
pub const ATTACKER: &str = "
    attacker*, attack*, malicious*, adversar*, unauthenticated, untrusted, specially crafted, crafted, maliciously,
    unauthorized, unauthorised, remote user*, remote attacker*, local user*, local attacker*, authenticated user*,
    low privileged, privileged user*, arbitrary, victim*, hacker*, hijack*, rogue, evil*, spoof*";

/// What a flaw leads to.
pub const EFFECT: &str = "
    allows, allow, allowing, could allow, can allow, may allow, lead to, leads to, leading to, results in, result in,
    resulting in, permits, can be used to, can be exploited, can be abused, could be used to, would allow, enables,
    able to, without being, regardless of, despite, possible to, possible for, due to, bypass*, leak*, expose*,
    exposing, exposure, disclos*, steal*, read any, escape from, inject*, pollut*, overwrit*, overflow*, tamper*,
    crash*, exhaust*, impersonat*, obtain, without permission, without authentication, without authorization,
    execute arbitrary, read arbitrary, write arbitrary, execution of, gain access, access to";

/// Which versions have it and which do not.
pub const VERSIONS: &str = "
    prior to, before version, versions before, version before, versions prior, earlier versions, and earlier,
    and prior, and below, affected version*, affected by, affected releases, affects version*, affects all,
    vulnerable version*, versions affected, fixed in, fixed version*, patched in, patched version*, has been patched,
    have been patched, has been fixed, is patched, patched by, upgrade to, should upgrade, advised to upgrade,
    recommended to upgrade, update to version, are advised, is affected, are affected, not affected, is vulnerable,
    are vulnerable, was vulnerable, were vulnerable, through version, up to version, up to and including,
    this issue affects, issue affects, issue was fixed, issue has been, this vulnerability, known workaround*,
    no known workaround*, all versions, versions of, in version, in versions, starting in version, since version,
    introduced in, unpatched";

/// Numbers and names under which flaws are listed.
pub const LISTED: &str = "
    cve, cve id*, ghsa, cwe, cvss, cvss score, cvssv3, nvd, osv, rustsec, owasp, security advisory,
    security advisories, 0day, zero day";

/// Why a flaw is there.
pub const CAUSE: &str = "
    sanitiz*, sanitis*, unsanitized, validat*, input validation, user input, user supplied, user controlled,
    attacker controlled, unescaped, escaping, html escape*, not escaped, not properly, not correctly, not validate*,
    not check*, not verif*, not sanitize*, not restrict*, not enforce*, not limit*, improper*, improperly,
    incorrectly, insufficient*, inadequate*, unchecked, unbounded, unsafe*, lack of, missing check*, without checking,
    without validat*, without proper, does not properly, did not properly, fails to, failed to properly, mishandl*,
    neutraliz*, eval, exec, child process, shell metacharacters, special characters, regular expression, regex*,
    recursion, recursive*, malformed, large number of, symlink*, proto, constructor.prototype";

/// How it is shown and how grave it is.
pub const SHOWN: &str = "
    proof of concept, poc, poc code, exploit code, reproducer, steps to reproduce, steps of reproduction, payload*,
    supporting material*, impact, severity, attack scenario*, attack vector*, suggested fix, suggested mitigation,
    remediation, mitigation*, fuzz*, asan, addresssanitizer, valgrind, threat model, exploitab*, exploit scenario";

/// That it is in a package that others build on.
pub const PACKAGE: &str = "
    module name, package name, npm page, module description, module, modules, package, packages, library, libraries,
    npm, npm module, npm package, pypi, node module*, crate, gem, plugin, plugins, api, function, functions, method,
    class, parser, parsing, endpoint, component, dependency, dependencies, upstream, maintainer*, release, releases,
    source code, implementation, framework, server, client, vendored";

/// How reports of flaws are handled.
pub const DISCLOSURE: &str = "
    responsible disclosure, responsibly disclose*, coordinated disclosure, embargo*, disclosure policy,
    disclosure timeline, disclosure date, 90 days, security policy, would like to report, want to report, i report,
    assign a cve, request a cve, cve request, i contacted the maintainer, contacted the maintainer, privately,
    security team, credit*, private report, report a vulnerability, report a security";

/// What a scanner finds in the headers of a site.
pub const HEADERS: &str = "
    clickjack*, click jack*, ui redress*, x frame options, frame ancestors, framing, iframe, iframes, i frame, hsts,
    strict transport security, security header*, missing header*, http header missing, x xss protection,
    xss protection, x content type options, content type options, referrer policy, permissions policy, csp header,
    missing csp, no csp, content security policy, cors misconfig*, access control allow origin, options method,
    trace method, http trace";

/// What a scanner finds in DNS.
pub const DNS_RECORDS: &str = "
    spf, spf record*, dmarc, dmarc record*, dmarc policy, dkim, dkim record*, sender policy framework, email spoof*,
    e mail spoof*, mail spoof*, spoof email*, spoof mail*, spoofed mail*, spoofed email*, email forg*, forged email*,
    fake email*, fake mail*, mxtoolbox, mx record*, mail server, txt record*, dnssec, caa record*, nsec, zone walk*,
    zone transfer, dns record*, dns misconfig*, dangling dns, dangling cname, subdomain takeover, sub domain takeover,
    domain takeover, email hijack*";

/// What a scanner finds in TLS.
pub const TLS: &str = "
    poodle, sslv3, sslv2, ssl 3.0, tls 1.0, tls 1.1, tlsv1.0, tlsv1.1, tls v1.0, weak cipher*, cipher suite*,
    weak ssl, weak tls, ssl labs, ssllabs, testssl*, sslscan, beast attack, breach attack, logjam, sweet32,
    freak attack, lucky13, rc4, ssl certificate*, expired certificate, certificate expired, certificate has expired,
    self signed certificate, mixed content, http to https, https redirect, not using https, ssl configuration,
    tls configuration, perfect forward secrecy";

/// What a scanner finds by asking for well-known files and versions.
pub const BANNER: &str = "
    banner grab*, server banner, version banner, banner disclos*, server version*, version disclos*,
    version disclous*, version expos*, software version*, nginx version, apache version, php version, nginx server,
    apache server, iis version, server header, x powered by, discloses version, outdated version of, outdated jquery,
    outdated wordpress, directory listing*, directory index*, directory brows*, open directory, listing enabled,
    index of, phpinfo*, info.php, xmlrpc*, xml rpc, wp json, wp admin, wp login, wp content, wp config,
    wordpress user*, readme.html, default page, default installation, default install, default file*, server status,
    server info, robots.txt, git repository exposed, git/config, git folder, svn, ds store, env file, htaccess,
    phpmyadmin, admin panel, admin login, user enumeration, username enumeration, users enumeration,
    email enumeration, user disclosure, users disclosure, tomcat example*, example scripts, examples page, swagger*,
    actuator, backup file*, crossdomain.xml, error page*, stack trace disclos*, path disclosure, full path,
    internal ip*, ip disclosure, web server";

/// That a site lets one try too often.
pub const RATE: &str = "
    rate limit*, rate limitting, ratelimit*, no rate, rate limited, limit rate, captcha*, recaptcha, brute force*,
    bruteforc*, bruteforce, brute forc*, mail bomb*, email bomb*, mail flood*, email flood*, flooding, spam users,
    spamming, unlimited, too many requests, multiple requests, many requests, massive request*, thousands of,
    no limit, no limitation, lockout, account lockout, null payload*, intruder, send to intruder, throttl*,
    status code 429, 429, otp, resend, number of attempts, login attempts, many emails, many times";

/// What happens to accounts and sessions of a site.
pub const ACCOUNT: &str = "
    session expir*, session not expir*, session timeout, session does not, session doesn't, sessions, old session*,
    session invalid*, invalidate session*, failure to invalidate, invalidate the session, active session*,
    other session*, after password change*, after password reset, after changing password, after logout,
    password change*, change password, changing the password, log out, logout, logged out, password polic*,
    weak password*, password complexity, password strength, password length, password reset*, reset password*,
    forgot password, forgot your password, forget password, reset link*, reset token, sign up, signup, register*,
    registration, login page, login form, log in, login, logged in, two factor, 2fa, account delet*, delete account,
    delete my account, account takeover, email verification, verify email, email confirmation, verification link,
    cookie flag*, httponly*, http only, secure flag, secure attribute, samesite, cookie without, cookies without,
    session cookie*, session id*, autocomplete, remember me, oauth token, email change, current password, old password";

/// Tricks that need the victim's help, or lead nowhere.
pub const TRICK: &str = "
    self xss, csv injection, csv export, csv file*, export csv, formula injection, formula*, excel, spreadsheet,
    libreoffice, content spoof*, text inject*, content inject*, text spoof*, broken link*, link hijack*, dead link*,
    unclaimed, social media link*, tabnab*, reverse tabnab*, host header, homograph*, idn homograph, exif,
    geolocation, metadata, not stripped, gps, phish*, social engineering, impersonat*, spoofed page, error message,
    user interaction, convince, trick*, fake page, malicious site, evil.com, attacker.com, open redirection,
    referer leak*, referrer leak*";

/// That it is tried out on a site.
pub const SITE: &str = "
    your website*, your site*, your web, your domain*, your server*, your application, your app, your web application,
    your users, your customers, your subdomain*, your company, your organization, your platform, your page*, our site,
    the website, this website, this site, the site, website*, webpage*, web page*, web site*, web application*,
    subdomain*, sub domain*, main domain, login to your account, your account, create account, create an account,
    two accounts, my account, victim account, victim's account, firefox, chrome, internet explorer, safari, browser*,
    browsers, burp, burp suite, burpsuite, intercept*, repeater, send to repeater, proxy, vulnerable url,
    affected url, vulnerable link, this url, this link, following url, below url, given url, url below, click on,
    clicks on, click the, go to, goto, navigate to, visit*, open url, open the url, open this, paste, screenshot*,
    attached screenshot, video, video poc, poc video, profile, profile page, dashboard, settings, button, form,
    contact form, comment*, registration page";

/// How those greet who write to many.
pub const SALUTE: &str = "
    hello team, hi team, dear team, hey team, hello security, hi security, dear security, hello sir, hi sir, dear sir,
    dear sir/madam, dear sir or madam, sir, greetings, hope you are*, hope you're, hope all is well, hope this,
    respected, kindly, thanks and regards, thanks & regards, best regards, regards, let me know, waiting for your,
    waiting for, awaiting, look forward, looking forward, your response, your reply, your earliest,
    security researcher, independent researcher, bug hunter, bughunter, ethical hacker, white hat, my name is,
    i am a security, i'm a security, as a security researcher, while testing, during my research, was testing,
    i was looking, i have found, i found a, i found an, i found that, i just found, i discovered, have discovered,
    found a bug, found a vulnerability, found an issue, found some, some vulnerabilities, reports/";

/// That it wants to be paid.
pub const PAY: &str = "
    do you pay, do you offer, do you have a bug bounty, do you have a bounty, do you reward, do you provide,
    bounty program*, bug bounty, bug bounties, bounties, bounty, reward, rewards, rewarded, rewarding, monetary,
    compensat*, remunerat*, paypal, payoneer, hall of fame, swag, t shirt*, goodies, certificate of appreciation,
    appreciation letter, letter of appreciation, appreciation, paid for, pay me, be paid, payment for, before i share,
    before i disclose, share the details, share details, send the details, disclose the details, how much";

/// That it is about what somebody runs.
pub const DEPLOYMENT: &str = "
    instance, instances, publicly accessible, publicly exposed, publicly available, public instance, public facing,
    internet facing, exposed to the internet, exposes, open to the public, accessible without, without login,
    no authentication, unauthenticated access, shodan, censys, hosted on, hosted at, running on port, ip address*,
    this ip, this host, the host, your instance, our instance, belongs to, belonging to, owned by, asset, assets,
    in scope, out of scope, misconfigur*, misconfig*, default credentials, default password*, admin/admin, s3 bucket*,
    bucket, firebase, jenkins, grafana, kibana, jira, confluence, gitlab instance, prometheus, wordpress, drupal site,
    integration*, internal network, production server, staging, system host*, nmap, recon, reconnaissance,
    enumeration, subdomain enumeration, employees, credentials leaked, leaked credentials, api key*, access token*,
    token leaked, pastebin, dark web";

/// That something is asked.
pub const ASKS: &str = "
    how to, how do i, how do we, how can i, how can we, how could, how should, how do you, how does, how is it,
    is there a way, is there any, is there an, is it possible, is this possible, are there any, can anyone,
    can someone, can somebody, could anyone, could someone, could you, can you, please help, pls help, need help,
    need some help, help me, help needed, help with, any help, any idea*, any suggestion*, any advice, any plans,
    what is the, what are the, what's the, what does, what should, what am i, what would, why is, why does, why do,
    why are, why not, when will, where can, where is, which one, which version should, question*, i want to,
    i wanted to, i would like to know, like to know, i wonder, wonder*, thanks in advance, thank you in advance,
    am i missing, am i doing, doing wrong, don't understand, do not understand, not sure, i'm new, i am new, newbie,
    beginner, should i, can i, could i, do i need, do i have to, does anyone, does anybody, has anyone, anyone know,
    anyone else, stack overflow, stackoverflow*, forum, tutorial*, documentation, docs, clarif*, confus*, explain,
    explanation, understand, recommend*, best practice*, correct way, right way, best way, please ask, please tell,
    please advise, please let me know, guide, instructions";

/// Headings of a form for faults and wishes.
pub const TEMPLATE: &str = "
    expected behavior, expected behaviour, expected result*, expected output, actual behavior, actual behaviour,
    actual result*, current behavior, current behaviour, desired behavior, what happened, what did you expect,
    what you expected, expected to happen, system information, system info, system details, operating system,
    os platform, os version, environment, issue type, bug report, report a bug, feature request, describe the,
    describe the bug, additional context, additional information, other info, search existing, duplicate*, checklist,
    before submitting, please fill, reproduction, minimal repro*, minimal example, repro steps, reproducible*,
    sample code, relevant log, log output, logs, stacktrace, traceback, code of conduct, codesandbox, jsfiddle,
    screenshots, detailed description, mobile device, python version, compiler version, gcc version, browser version,
    node version, version info*, extensions, configuration, hardware, cpu, cpus, no response, n/a, which versions,
    steps to reproduce, to reproduce, thank you for";

/// Getting it built, installed and started.
pub const BUILD: &str = "
    install*, reinstall*, uninstall*, build, builds, building, built, build from source, from source, compile*,
    compiling, compilation, compiler, cmake*, makefile, make, gcc, g++, clang, msvc, linker, linking, link error,
    undefined reference*, undefined symbol*, dll, static library, shared library, pip, pip3, conda, anaconda, brew,
    apt get, docker, dockerfile, ubuntu, windows 10, windows 11, windows, macos, mac, linux, raspberry, visual studio,
    xcode, ide, editor, cuda, gpu, android, ios, wheel, setup, configure, configuration, sdk, runtime,
    environment variable*, terminal, command line, console, laptop, upgrade, upgraded, downgrade, migrat*, deprecat*,
    compatib*, incompatib*, import";

/// That something fails.
pub const FAULT: &str = "
    error, errors, error message, not working, doesn't work, does not work, didn't work, don't work, won't work,
    no longer works, stopped working, can't, cannot, unable to, fails, fail, failed, failing, failure, exception,
    exceptions, warning, warnings, unexpected*, wrong, wrongly, incorrect, bug, bugs, broken, regression, hang, hangs,
    freez*, stuck, slow, slower, performance, memory leak, memory usage, assertion failed, assert, undefined,
    typeerror, attributeerror, importerror, valueerror, runtimeerror, keyerror, modulenotfounderror, issue, issues,
    problem*, nothing happens, no effect, missing, disappear*, not found, not recognized, not showing, not support*,
    unsupported, inconsistent*, mismatch, strange, weird, flaky, crash, crashes, crashed";

/// That something is wished for.
pub const WISH: &str = "
    feature, features, feature request, enhancement*, would be nice, would be great, would be good, would be helpful,
    would be useful, it would, please add, add support, adding support, support for, support of, add a, add an,
    suggestion*, suggest, propos*, improve*, improvement*, option to, ability to, allow users, allow user,
    consider adding, motivation, use case*, usecase*, workaround*, currently, at the moment, right now, instead of,
    rather than, alternative*, prefer, rfc, roadmap, plan, plans, refactor*, cleanup, rename, documentation, tests,
    unit test*, implement, nice to have";

/// That somebody tells of their own attempt.
pub const ATTEMPT: &str = "
    i am trying, i'm trying, im trying, i was trying, i tried, i've tried, i have tried, i am using, i'm using,
    im using, i use, i used, i am facing, i'm facing, facing, i get, i got, i'm getting, i am getting, getting this,
    getting the, i have a, i have an, i have the, i have been, i've been, i am working, i'm working, i am running,
    i'm running, i run, i ran, when i, if i, after i, while i, once i, i cannot, i can't, i could not, i couldn't,
    i don't know, i do not know, i need, i think, i thought, i believe, i guess, i see, i saw, i noticed, i expect,
    i expected, i followed, i created, i made, i wrote, i started, i installed, i updated, i'd like, i would like,
    my code, my project, my app, my application, my program, my model, my computer, my machine, my laptop, my pc,
    my system, my own, my case, the following code, the code below, code snippet, following error, this error,
    same error, same issue, same problem, this problem, this issue, here is my, here's my, here is the, as shown,
    as follows, see below, for example, for instance, e.g.";

/// That it was said in a conversation of others.
pub const QUOTED: &str = "
    wrote:, writes:, said:, says:, original message, forwarded message, forwarded by, in reply to, on mon, on tue,
    on wed, on thu, on fri, on sat, on sun, sent:, from:, to:, cc:, subject:, date:, url:, re:, fwd:, mailto:,
    begin pgp";

/// A list or newsletter.
pub const LISTS: &str = "
    mailing list*, mailman, listinfo, list maintainer, list archive*, archives, unsubscribe*, unsubscription,
    subscribe*, subscription*, subscriber*, newsletter*, digest, yahoo! groups, yahoogroups, egroups, sponsor*,
    issue of, this issue, edition, headline*, weekly, daily, monthly, editor*, publish*, article*, column, archive,
    weblog*, blog*";

/// What people talk of who report nothing.
pub const TALK: &str = "
    news, weekend, family, friend, friends, child, children, kids, movie*, film, book, books, music, song*, radio, tv,
    government, war, president, people, person, man, woman, women, men, girl*, boy, boys, guy, guys, dinner, country,
    world, football, school, university, students, wife, husband, church, police, court, economic*, economy, company,
    companies, market*, price, prices, business, customer*, money, dollar*, bank, city, street, house, home, food,
    wine, coffee, beer, car, cars, train, flight*, travel*, holiday*, vacation, doctor, health, life, love, god,
    history, science, political, politics, election*, vote*, law, american, america, british, english, irish, europe*,
    china, japan, india, israel, iraq, london, york, california, yesterday, tonight, tomorrow, today, week, years,
    year, ago, old, young, story, stories, phone, letter, paper, lunch, party, game, games, sport*, team, club, death,
    dead, killed, born, mother, father, brother, sister, baby, funny, joke*, fun, happy, sad, beautiful, ugly, cheap,
    expensive, buy, bought, sell, sold";

/// What is sold.
pub const OFFER: &str = "
    free, buy, offer, offers, order, click here, guarantee*, discount*, save, sale, deal, deals, cash, credit, loan*,
    mortgage*, insurance, investment*, invest, income, earn, profit*, shipping, toll free, call now, limited time,
    special, opportunity, million, billion, percent, viagra, weight, winner, prize, lottery, casino, bonus,
    no obligation, risk, financial, wholesale, removed, remove, opt out, mlm, marketing, advertis*, promot*, brand*,
    quality, satisfaction, fund, funds, transfer, beneficiary, confidential";

/// A question about rights.
pub const LEGAL: &str = "
    licensing, license question, licence question, license information, which license, what license,
    under which license, under what license, license terms, license agreement, license compliance, license compatib*,
    license file, relicens*, dual licens*, commercial license, commercial use, open source license, permission to use,
    use your logo, use the logo, trademark*, trade mark*, copyright infring*, copyright holder, copyrighted, dmca,
    takedown notice, infring*, patent*, legal department, legal team, legal counsel, legal notice, legal question,
    attorney, lawyer*, law firm, cease and desist, gdpr, data protection, data subject, right to erasure,
    terms of use, terms of service, export control*, eccn, export classification, compliance questionnaire, subpoena,
    gpl, lgpl, agpl, mit license, bsd license, apache license, attribution requirement*";

/// What security is made of.
pub const PROTECTS: &str = "
    security, secure*, authenticat*, authoriz*, authoris*, authorization, permission*, privilege*, crypto*, encrypt*,
    decrypt*, cipher*, certificate*, credential*, password*, secret*, private key*, token*, signature*, signed,
    sandbox*, restrict*, integrity, trust*, entropy, random*, hash*, openssl, acl, whitelist*, allowlist*, blacklist*,
    denylist*, safe, confidential*, protect*, policy, policies, admin*, root, origin, same origin, cookie*, isolat*,
    audit*, harden*, mitigat*";
