//! What advertising and fraud say, by what they want, and what people say who work on software.
//!
//! Ours, from what lands in every public mailbox. Lower case, with a space for each hyphen, in the form of
//! `domain::phrases`; none that a report needs stands in more than one or two topics.

/// The topics of advertising and fraud.
pub const ADVERTISING: &[&str] = &[SELLS, CLICKS, LEAVES, EARNS, LENDS, CURES, SEDUCES, BEGS, SERVES];

/// Sells goods.
const SELLS: &str = "
    order now, order today, order online, order by, to order, buy now, act now, limited time, special offer*,
    special price*, special deal*, risk free, free trial*, free sample*, free gift*, free shipping, free info*,
    free report*, free quote*, free consultation*, no obligation*, money back, satisfaction guaranteed, guaranteed,
    guarantee, best price*, best deal*, lowest price*, low price*, great price*, prices, discount*, wholesale,
    half price, bargain*, save up to, save over, save money, savings, retail price*, retail, our products,
    our product, new product*, catalog*, our catalogue, quotation, brand new, brand name*, as seen on, toll free,
    call now, call today, call us, phone us, 1 800, 1 888, 1 877, 1 866, visa, mastercard, american express,
    money order*, by check, shipping and handling, shipping & handling, in stock, limited supply, hurry,
    offer expires, offer ends, offer is, exclusive*, bonus*, absolutely free, totally free, completely free,
    100% free, for free, free, join now, sign up now, sign up today, try it, amazing, incredible, breakthrough*,
    revolutionary, hottest, sale, sales, purchase*, purchasing, delivery, satisfied customer*, testimonial*,
    cigarette*, tobacco, toner, ink cartridge*, cartridges, replica*, rolex, perfume*, jewelry, members only,
    membership*, special price, newest, largest, world's best, best of, top quality, high quality, premium,
    promotion*, free bonus, why pay, satisf*";

/// Wants a click.
const CLICKS: &str = "
    click here, click below, click on the, click the link, click this, click now, click to, enter here, enter now,
    here to, go here, visit our website, visit our web site, visit our site, visit us, visit us at, please visit,
    see for yourself, find out how, find out more, for more info*, more information, for details, full details,
    learn more, website below, link below, below link, fill out, fill in the, reply to this, reply with, email us,
    e mail us, contact us, send an email, fax";

/// Tells how not to get it again, and that it is no spam.
const LEAVES: &str = "
    unsubscribe, opt out, opted in, opt in, removed from our, removed from this, removed from the,
    removed from future, removed from any, be removed, to be removed, remove me, remove you, remove yourself,
    removal instructions, removal, remove in the, remove in subject, word remove, with remove, exclude yourself,
    no longer wish, do not wish, not wish to receive, further mailings, future mailings, future mail*, further emails,
    future offers, one time mailing, one time email, one time only, never receive, not spam, no spam, not a spam,
    unsolicited, you received this, you are receiving this, received this email, received this message,
    this message was sent, this email was sent, sent to you, in compliance, complies with, senate bill, section 301,
    title iii, intrusion, apologize for, if you do not want, our mailing list, our database, our list, email list,
    commercial email, advertisement, adv, cliquez ici, ne souhaitez plus, désinscri*, désabonn*, ne plus recevoir,
    abmelden, abbestellen, haga clic, darse de baja, cancelar la suscripción, cancellarsi, 광고*, 수신거부*, 未承諾広告*, 退订*,
    退訂*, рассылк*, отписаться";

/// Promises an income.
const EARNS: &str = "
    make money, making money, money making, moneymaking, earn, earned, earning, earnings, extra income, extra cash,
    residual income, second income, income, incomes, per week, per month, a week, a month, a day, work from home,
    work at home, working from home, home based, from home, home business, own business, your business, own boss,
    financial freedom, financial independence, financially, business opportunit*, opportunity, opportunities, mlm,
    multi level, downline*, pyramid, network marketing, millionaire*, million dollars, get rich, rich, wealth*,
    profit*, profitable, invest, investing, investment*, investor*, stock*, shares, return on, cash flow, cash,
    no experience, recruit*, commission*, get paid, we pay, paycheck*, thousands of dollars, dollars, dollar,
    success*, secret*, forex, trading, bitcoin profit*, crypto investment*, waiting for you, easy money, great future,
    signups, prospects, home workers, weekly, bucks, program works";

/// Lends and insures.
const LENDS: &str = "
    mortgage*, refinanc*, interest rate*, lowest rate*, low rate*, rates, loan*, lender*, credit, credit report*,
    credit card*, credit repair, bad credit, credit check*, debt*, consolidat*, bankrupt*, life insurance, insurance,
    term life, free quotes, quote, quotes, approved, approval, pre approved, qualify, merchant account*,
    accept credit, monthly payment*, payments, equity, homeowner*, home owner*, tax, taxes, legal services,
    fixed rate*, fixed payment*, 30 year*, atm card*, offshore, swiss, banking secrecy, foreclosure*";

/// Cures and improves the body.
const CURES: &str = "
    viagra, cialis, phentermine, pharmac*, prescription*, weight loss, lose weight, losing weight, pounds, diet*,
    burn fat, hair loss, hair removal, penis, enlarge*, enhance*, enhancement*, erection*, libido, sex life, sexual*,
    breast*, bust, hgh, growth hormone*, hormone*, anti aging, aging, wrinkle*, younger, herbal*, natural,
    medication*, medical, clinically, doctor*, pheromone*, impoten*, supplement*, vitamin*, cure, cures, pain, health,
    healthy, energy, body, muscle*, smoking";

/// Seduces.
const SEDUCES: &str = "
    porn*, adult site*, adult entertainment, adults only, adult, nude*, naked, horny, hot girls, girls, webcam*,
    dating, singles, teens, sexy, sex, lesbian*, over 18, must be 18, 18 years, hardcore, pussy, live girls, amateur*,
    erotic*, lonely, marriage, meet women, women, fantasies, hot, wild, xxx, casino*, betting, gambl*, jackpot*,
    sportsbook, babes, babe, sweetie, my pics, my pic, come see, photos, free access, free site*, explicit,
    girlfriend*, men, lover*, desire*";

/// Begs for trust and an account.
const BEGS: &str = "
    next of kin, late husband, late father, my late, inheritance, deceased, foreign account*, bank account*,
    account number, transfer the fund*, transfer of fund*, transfer of, the fund, funds, sum of,
    united states dollars, usd, us$, strictly confidential, confidential*, confidence, utmost, urgent*, beneficiary,
    trust you, business proposal*, business relationship, business transaction*, transaction*, your assistance,
    assist me, nigeria*, lagos, south africa, ivory coast, security company, government of, my country, contract sum,
    lottery, you have won, you won, winning number*, winner*, prize*, congratulations, you have been selected,
    been chosen, claim your, dear friend, dear friends, dear sir/madam, dear beneficiary, dear sir, sir/madam,
    good faith, god bless, minister, foreign partner, percentage";

/// Offers services to who has a site or a firm.
const SERVES: &str = "
    search engine*, first page of google, rank your, web design, website design, lead generation, increase your sales,
    increase your traffic, email marketing, bulk email*, bulk mail, million email*, email address*, e mail address*,
    targeted, guest post*, backlink*, link building, seo, website traffic, traffic to your, your site, your website,
    marketing, advertis*, promot*, leads, prospects, hosting, domain name*, cd rom*, cds, dvd*, cable tv,
    descrambler*, satellite, cell phone*, wireless, long distance, phone rates, vacation*, travel, hotel*, diploma*,
    degree*, university degree*, software, your computer, spy, detective, investigat*, background check*,
    your company, our company, ltd, inc, dear sirs, factory, manufactur*, supplier*, export, import, exhibition*,
    trade, blaster, bulk mailer*, emails per, mailing software, email list*, fresh leads, surveillance, mp3*, warez,
    casting, trade show*";

/// Words of work on software and of talk on lists.
pub const WORKS: &str = "
    bug, bugs, patch*, code, kernel, server, servers, version, versions, file, files, error, errors, config*, script*,
    linux, unix, debian, perl, python, java, compile*, build, package*, rpm, cvs, install*, run, running, module*,
    library, libraries, source, command, output, debug*, test, tests, testing, user, users, function*, header*,
    filter*, database*, query, api, http, html, xml, dns, smtp, imap, root, shell, directory, process*, think,
    thought, guess, seems, probably, actually, maybe, anyway, wonder*, question*, thread*, list, posted, wrote,
    writes, article*, story, said";
