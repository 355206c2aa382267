// How visitors ask for a human in many languages: the words, without case and accents (plain-words.ts).

export interface Wish {
  /** Whom they ask for. */
  readonly who: string;
  /** What asks, before whom. */
  readonly before?: string;
  /** What asks, after whom. */
  readonly after?: string;
  /** Words that may stand between both. */
  readonly between?: string;
  /** Words of courtesy that may stand around nothing but whom. */
  readonly polite: string;
  /** Words shortly before, or right after, that turn the wish into its opposite. */
  readonly not: string;
  /** Words right after whom that make somebody or something else of them. */
  readonly but?: string;
}

/** Alternatives are parts of regular expressions; all words are whole words. */
export const WISHES: readonly Wish[] = [
  {
    // English
    who: 'humans?|human (?:being|agent|operator|person|representative|support)|(?:real|actual|live) (?:person|human|agent|people|operator|representative)|agents?|operator|representative|rep|person|someone|somebody|advisor|support (?:agent|team|staff|person)|staff(?: member)?|team member|member of staff|customer (?:service|support|care)',
    before:
      '(?:talk|speak|chat|write)(?:ing)? (?:to|with)|(?:talk|speak)ing to|connect(?: me)? (?:to|with)|transfer(?: me)? to|(?:put|patch) me (?:through|on)(?: to| with)?|pass me(?: on)? to|hand me(?: over)? to|switch(?: me)? to|(?:get|give|bring|call|send) (?:me|us|in)|get (?:a|an)|get in touch with|get me in touch with|reach|contact|(?:i|we) (?:want|need|prefer|demand|would like|d like)|forward(?: me)? to|let me (?:have|get)|is there|are there any|can i have|could i have|may i have|help from',
    between:
      'a|an|the|to|with|some|any|your|one of|of|real|live|actual|human|another|please|just|now|other|through|in|us|me|customer|support|service',
    polite:
      'please|pls|plz|now|a|an|the|hi|hello|hey|ok|need|want|get|give me|connect|to|yes|i|can|real|live|thanks|thank you|just|another',
    not: 'not|no|don t|dont|do not|didn t|without|never|doesn t|needn t|rather than|instead of|won t|wouldn t|cannot|avoid|stop|not needed|unnecessary',
    but: 'resources?|rights?|errors?|orange|readable|body|hair|needed|who (?:bought|ordered|sent|paid)|friendly|like you said|at home|else s|s|else in|smith|number|id|named|called|from my',
  },
  {
    // German
    who: 'mensch(?:en)?|echten? (?:menschen?|person)|richtigen? (?:menschen?|person)|reale[nr]? person|person|mitarbeiter(?:in|s)?|berater(?:in)?|kundenberater(?:in)?|kundendienst|kundenservice|support(?:mitarbeiter(?:in)?)?|agent(?:en)?|jemand(?:en|em)?|ansprechpartner(?:in)?|kollegen',
    before:
      'verbinden sie mich (?:mit|zu)|verbinde mich (?:mit|zu)|ich (?:mochte|will|brauche|hatte gern|wunsche)|geben sie mir|gib mir|weiterleiten an|gibt es|ist da|holen sie|hol(?:e)? (?:bitte|mir)?',
    after:
      'sprechen|reden|schreiben|chatten|verbinden|verbunden|weiterleiten|weitergeleitet|telefonieren|bitte',
    between:
      'mit|einem|einen|einer|ein|eine|der|dem|den|zu|zum|an|bitte|gerne?|echten?|echtem|hier|direkt|lieber|jetzt|personlich|ihrem|ihren|werden|kann|konnte|ich|vom|aus dem|anderen',
    polite: 'bitte|jetzt|ein|eine|einen|einem|mit|echter|echte|hallo|ja|danke|richtiger',
    not: 'nicht|kein|keine|keinen|keinem|ohne|nie|niemals|statt|unnotig',
    but: 'rabatt|gesucht|werden|die|der|das|wie',
  },
  {
    // French
    who: 'humain|(?:vrai|veritable) (?:humain|conseiller|agent)|vraie personne|personne (?:reelle|physique|humaine)|etre humain|conseill(?:er|ere)(?: clientele?)?|agent|operat(?:eur|rice)|quelqu un|une personne|service client|un responsable|membre de l equipe',
    before:
      'parler (?:a|avec)|discuter avec|echanger avec|parler|mettez moi en (?:relation|contact) avec|passez moi|contacter|joindre|je (?:veux|voudrais|souhaite|demande)|transferez moi (?:a|vers)|besoin d|avoir',
    between: 'a|avec|un|une|le|la|du|de|au|l|d|votre|vos|vrai|vraie|s il vous plait|autre',
    polite: 'un|une|s il vous plait|svp|stp|oui|bonjour|vrai|vraie|merci|l',
    not: 'pas|sans|ne|aucun|aucune|jamais|inutile|plutot qu|au lieu',
    but: 'immobilier|de voyage|assure|pathogene',
  },
  {
    // Spanish
    who: 'humano|persona(?: real| de verdad| humana)?|ser humano|agente(?: humano| real)?|operador(?:a)?|asesor(?:a)?|representante|alguien|atencion al cliente|ejecutivo|encargado',
    before:
      'hablar con|hablar|chatear con|comunicarme con|contactar (?:con|a)|pasame (?:con|a)|paseme (?:con|a)|comunicame con|comuniqueme con|conectame con|conecteme con|(?:quiero|necesito|deseo|quisiera)|ponme con|pongame con|transfierame (?:a|con)|transfiereme (?:a|con)|me (?:atienda|atiende)',
    between: 'con|un|una|el|la|a|de|algun|alguna|por favor|su|otro|otra|vuestro',
    polite: 'un|una|por favor|porfa|ahora|hola|si|gracias|real|quiero',
    not: 'no|sin|nunca|ningun|ninguna|en vez de|tampoco',
    but: 'inmobiliario|secreto|de viajes',
  },
  {
    // Portuguese
    who: 'humano|pessoa(?: real| de verdade| humana)?|ser humano|atendente(?: humano| real)?|agente|operador(?:a)?|alguem|representante|consultor(?:a)?|atendimento humano|assistente humano',
    before:
      'falar com|conversar com|falar|passe (?:me )?para|me passe para|transfira (?:me )?para|me transfira para|conectar (?:me )?com|contactar|contatar|(?:quero|preciso(?: de)?|gostaria de|queria)|chame|chamar|me conecte com|ligar (?:me )?a',
    between: 'com|um|uma|o|a|de|algum|alguma|por favor|para|seu|outro|outra',
    polite: 'um|uma|por favor|agora|ola|oi|sim|obrigado|obrigada|real|quero',
    not: 'nao|sem|nunca|nenhum|nenhuma|em vez de',
    but: 'imobiliario|de viagens',
  },
  {
    // Italian
    who: 'umano|persona(?: reale| vera| umana)?|vera persona|essere umano|operat(?:ore|rice)(?: umano| reale)?|agente|qualcuno|consulente|addetto|assistente umano|servizio clienti|assistenza clienti',
    before:
      'parlare con|parlare|chattare con|passatemi|mi passi|passami|mi metta in contatto con|mettetemi in contatto con|contattare|(?:voglio|vorrei|ho bisogno di|desidero)|collegatemi (?:con|a)|mi colleghi (?:con|a)|trasferitemi a',
    between: 'con|un|uno|una|un altro|il|lo|la|di|a|per favore|vostro|vero|vera|altro',
    polite: 'un|una|uno|per favore|adesso|ciao|si|grazie|vero|vera|voglio',
    not: 'non|senza|mai|nessun|nessuno|nessuna|invece di',
    but: 'immobiliare|segreto|di viaggio',
  },
  {
    // Dutch
    who: 'mens|echt(?:e)? (?:mens|persoon)|persoon|medewerker|klantenservice|agent|iemand|operator|collega|adviseur|levend persoon',
    before:
      'verbind mij (?:door )?met|verbind me (?:door )?met|praten met|spreken met|chatten met|(?:ik )?(?:wil|zou) (?:graag )?|ik heb .{0,12}nodig|contact met|geef mij|geef me|doorverbinden met|kan ik',
    after: 'spreken|praten|chatten|doorverbonden|doorverbinden|alsjeblieft|alstublieft|aub',
    between: 'met|een|de|van|graag|echte?|jullie|uw|naar|worden|kan|ik|alsjeblieft|alstublieft|met de|andere',
    polite: 'een|alsjeblieft|alstublieft|aub|graag|nu|hallo|ja|echt|met|bedankt',
    not: 'niet|geen|zonder|nooit|nergens|in plaats van',
    but: 'anders|van jullie heeft',
  },
  {
    // Polish
    who: 'czlowiekiem|czlowieka|zywym czlowiekiem|prawdziwym czlowiekiem|prawdziwa osoba|konsultantem|konsultanta|konsultantka|konsultant|pracownikiem|pracownika|agentem|operatorem|kims|doradca|obsluga klienta|osoba|czlowiek|operator',
    before:
      'rozmawiac z|porozmawiac z|polacz(?:cie|yc)? (?:mnie )?z|prosze (?:mnie )?(?:polaczyc )?(?:z|o)|polaczenie z|kontakt z|pogadac z|chce|potrzebuje|przelacz (?:mnie )?do|napisac do',
    after: 'prosze|porozmawiac|rozmawiac',
    between: 'z|ze|jakims|zywym|prawdziwym|do|o|mnie|prosze|waszym|innym|inna',
    polite: 'prosze|teraz|z|zywy|tak|dzien dobry|dziekuje|poprosze',
    not: 'nie|bez|nigdy|zaden|zamiast',
  },
  {
    // Ukrainian
    who: 'людиною|людину|людина|живою людиною|живу людину|реальною людиною|справжньою людиною|оператором|оператора|оператор|менеджером|менеджера|менеджер|агентом|агента|консультантом|консультанта|консультант|кимось|працівником|спеціалістом|підтримкою',
    before:
      'поговорити з|говорити з|поспілкуватися з|спілкуватися з|зв яжіть (?:мене )?з|з єднаите (?:мене )?з|з єднати (?:мене )?з|зєднаите (?:мене )?з|покличте|поклич|переключіть (?:мене )?на|потрібен|потрібна|хочу|дайте|позвіть|переведіть (?:мене )?на',
    after: 'поговорити|говорити|будь ласка|поспілкуватися',
    between: 'з|із|мене|живою|живу|вашим|на|справжньою|будь ласка|хочу|іншим|мені',
    polite: 'будь ласка|дякую|живу|живии|жива|так|добрии день|потрібен|з',
    not: 'не|без|ніколи|жодного|замість',
    but: 'звязку|мобільного|мобільнии|купила|купив',
  },
  {
    // Turkish
    who: 'insanla|insana|bir insan|gercek (?:bir )?(?:insanla|kisiyle|kisi|insan)|canli (?:destek|temsilci|temsilciye|temsilciyle|destege)|temsilci(?:yle|ye)?|musteri (?:temsilcisi(?:yle|ne)?|hizmetleri(?:yle|ne)?)|yetkili(?:yle|ye)?|operator(?:le|e)?|birisiyle|biriyle|gercek biriyle|insan',
    after:
      'konusmak (?:istiyorum|isterim|istiyoruz)|konusabilir miyim|gorusmek (?:istiyorum|isterim|istiyoruz)|gorusebilir miyim|baglanmak (?:istiyorum|isterim)|bagla(?:yin|r misiniz|r misin|yabilir misiniz)?|aktar(?:in|ir misiniz)?|yazismak istiyorum|istiyorum|ile (?:konusmak|gorusmek) (?:istiyorum|isterim)|ile (?:konusabilir|gorusebilir) miyim|lutfen',
    between: 'bir|beni|ile|lutfen|gercek|canli|bana|hemen|simdi',
    polite: 'lutfen|bir|gercek|canli|simdi|merhaba|evet|tesekkurler|bana|baglan',
    not: 'istemiyorum|degil|gerek yok|gerekmiyor|istemem|yerine|olmadan',
    but: 'kaynaklari|haklari',
  },
  {
    // Arabic
    who: 'شخص(?: حقيقي)?|انسان(?: حقيقي)?|موظف(?: خدمة العملاء| حقيقي| بشري)?|بشري|خدمة العملاء|ممثل(?: خدمة العملاء)?|احد(?: الموظفين)?|مندوب|مسوول|الدعم|وكيل',
    before:
      'التحدث (?:مع|الى)|اتحدث (?:مع|الى)|اتكلم (?:مع|الى)|التكلم (?:مع|الى)|التواصل (?:مع)|اتواصل مع|اكلم|حولني (?:الى|على|ل)|حولوني (?:الى|على)|اريد|ابغى|وصلني (?:ب|مع)|احتاج(?: الى)?',
    between: 'مع|الى|ان|احد|من فضلك|لو سمحت',
    polite: 'من فضلك|لو سمحت|الان|نعم|مرحبا|شكرا|اريد',
    not: 'لا|لست|بدون|ليس|لن|بلا',
  },
  {
    // Swedish
    who: 'manniska|riktig (?:manniska|person)|person|agent|operator|handlaggare|medarbetare|kundtjanst|nagon|kundservice|levande person',
    before:
      'prata med|tala med|chatta med|koppla mig till|koppla mig vidare till|jag vill ha|jag behover|kontakta|fa kontakt med|skicka mig till',
    between: 'en|ett|till|med|riktig|nagon|er|tack|hos|annan',
    polite: 'tack|snalla|en|nu|ja|hej|riktig',
    not: 'inte|ingen|inget|utan|aldrig|istallet for',
    but: 'annans',
  },
  {
    // Danish and Norwegian
    who: 'menneske|ekte menneske|(?:rigtigt|rigtig|ekte|virkelig) (?:menneske|person)|person|medarbejder|medarbeider|agent|kundeservice|kundebehandler|nogen|noen|radgiver|operator',
    before:
      'tale med|snakke med|chatte med|snakke til|stil mig om til|viderestil mig til|sett meg over til|jeg vil (?:gerne |gjerne )?(?:ha|have)|jeg har brug for|jeg trenger|kontakte|komme i kontakt med|fa fat i',
    between: 'en|et|med|til|rigtigt|rigtig|ekte|fra|hos|venligst|takk|tak|jeres|dere|annen|anden',
    polite: 'tak|takk|en|et|nu|na|ja|hej|hei|venligst|ekte|rigtigt|vaer sa snill',
    not: 'ikke|ingen|uden|uten|aldrig|aldri|i stedet for',
    but: 'andre',
  },
  {
    // Finnish
    who: 'ihmisen|ihmiselle|ihmista|ihminen|oikean (?:ihmisen|henkilon)|oikea ihminen|asiakaspalvelijan|asiakaspalvelijalle|asiakaspalveluun|asiakaspalvelija|henkilon|virkailijan|agentin|jonkun',
    before:
      'puhua|jutella|keskustella|yhdista(?:kaa)?(?: minut)?|haluan|tarvitsen|siirra(?:kaa)?(?: minut)?|saanko|saisinko',
    after: 'kanssa|kiitos',
    between: 'oikean|oikealle|kanssa|minut|yhden|jonkun|elavan',
    polite: 'kiitos|nyt|oikea|hei|kylla',
    not: 'en|ei|ilman|alkaa|ala|sijaan|tarvita',
  },
  {
    // Czech
    who: 'clovekem|cloveka|zivym clovekem|skutecnym clovekem|skutecnou osobou|operatorem|operatora|operator|operatorkou|agentem|pracovnikem|zastupcem|nekym|zakaznickou podporou|poradcem|osobou|clovek',
    before:
      'mluvit s|mluvit se|promluvit s|promluvit si s|hovorit s|spojte me s|spojit s|prepojte me na|prepojit na|chci|potrebuji|psat si s|kontaktovat',
    after: 'prosim|mluvit',
    between: 's|se|zivym|skutecnym|na|me|nejakym|vasim|jinym|chci',
    polite: 'prosim|ted|ano|dobry den|zivy|dekuji|s',
    not: 'ne|nechci|bez|nikdy|zadny|misto',
  },
  {
    // Romanian
    who: 'om|persoana(?: reala)?|om real|fiinta umana|operator(?:ul)?|agent(?:ul)?(?: uman)?|reprezentant|cineva|consultant|coleg|operator uman|serviciul clienti',
    before:
      'vorbesc cu|vorbi cu|discut cu|discuta cu|conectati ma cu|conecteaza ma cu|puneti ma in legatura cu|transferati ma la|vreau|am nevoie de|doresc|contactez|sa scriu cu',
    between: 'cu|un|o|la|sa|real|reala|va rog|alt|alta',
    polite: 'va rog|te rog|un|o|acum|da|buna|multumesc|real',
    not: 'nu|fara|niciodata|niciun|nicio|in loc de',
    but: 'imobiliar|de zapada|de serviciu',
  },
  {
    // Hungarian
    who: 'emberrel|embert|igazi emberrel|valodi emberrel|valodi szemellyel|elo emberrel|ugyintezovel|ugyintezot|ugyfelszolgalattal|ugyfelszolgalatost|munkatarssal|operatorral|ugynokkel|valakivel|ember|ugyintezo',
    before: 'beszelni|beszelhetek|beszelnek|kapcsoljon|kapcsolj|kapcsoljanak|kerek|szeretnek|kerem',
    after:
      'beszelni|beszelhetek|beszelnek|szeretnek beszelni|akarok beszelni|beszelhetnek|kerek|kerem|chatelni',
    between: 'egy|igazi|valodi|elo|szeretnek|akarok|kerem|az|masik',
    polite: 'kerem|egy|most|igen|szia|igazi|koszonom|elo',
    not: 'nem|nelkul|soha|helyett|ne',
  },
  {
    // Greek
    who: 'ανθρωπο|ανθρωπος|πραγματικο (?:ανθρωπο|ατομο)|εκπροσωπο|εκπροσωπος|υπαλληλο|πρακτορα|συμβουλο|καποιον|αληθινο ανθρωπο|εξυπηρετηση πελατων|χειριστη|ατομο',
    before:
      'μιλησω (?:με|σε)|μιλαω με|συνδεστε με με|συνδεσε με με|μεταφερετε με σε|μεταφερε με σε|θελω|χρειαζομαι|επικοινωνησω με|να μιλησω',
    between: 'με|σε|εναν|ενα|ενασ|μια|καποιον|τον|την|πραγματικο|παρακαλω|στην|στον|αλλον',
    polite: 'παρακαλω|εναν|ενασ|τωρα|ναι|γεια|πραγματικο',
    not: 'δεν|μην|οχι|χωρισ|ποτε|αντι',
  },
  {
    // Hebrew
    who: 'אדם(?: אמיתי)?|בן אדם|בנאדם|נציג(?: אנושי| שירות)?|נציגה|נציגת שירות|מישהו|מישהי|סוכן|אנושי|שירות לקוחות',
    before:
      'לדבר עם|לשוחח עם|להתכתב עם|תעבירו אותי ל|תעביר אותי ל|העבירו אותי ל|תחברו אותי ל|תחבר אותי ל|אני רוצה|אני צריך|אני צריכה|אפשר|להתחבר ל|צריך',
    between: 'עם|של|את|בבקשה|אמיתי',
    polite: 'בבקשה|עכשיו|כן|שלום|תודה|אמיתי',
    not: 'לא|בלי|אין|אף|במקום',
  },
  {
    // Russian
    who: 'человеком|человека|человек|живым человеком|живого человека|реальным человеком|настоящим человеком|оператором|оператора|оператор|оператору|менеджером|менеджера|менеджер|агентом|агента|консультантом|консультанта|консультант|кем нибудь|сотрудником|специалистом|поддержкои',
    before:
      'поговорить с|говорить с|пообщаться с|связаться с|свяжите (?:меня )?с|соедините (?:меня )?с|соединить (?:меня )?с|позовите|позови|переключите (?:меня )?на|переведите (?:меня )?на|нужен|нужна|хочу|даите|мне бы',
    after: 'поговорить|пожалуиста',
    between: 'с|со|меня|живым|живого|вашим|на|настоящим|реальным|пожалуиста|хочу|другим|мне',
    polite: 'пожалуиста|спасибо|живои|живого|да|здравствуите|нужен|с',
    not: 'не|без|никогда|вместо|незачем',
    but: 'связи|мобильнои|сотовои|купил|купила',
  },
  {
    // Korean: particles are written onto the word
    who: '(?:실제 |진짜 )?사람(?:이랑|과|하고|한테)?|상담(?:원|사)(?:이랑|과|와|하고|에게|한테)?|직원(?:이랑|과|하고|에게)?|인간(?:과|이랑)?|담당자(?:와|랑|하고|에게)?|고객센터',
    after:
      '(?:통화|이야기|얘기|대화|상담|연결|말)(?:을|를)?(?:하고 ?싶(?:어요|습니다|어|다)|해 ?주세요|해줘|해 ?주십시오|할 ?수 ?있(?:나요|을까요|어요)| 부탁(?:드려요|드립니다|해요)?| 하고 ?싶(?:어요|습니다|어))|연결|바꿔 ?주세요|불러 ?주세요|부탁(?:드려요|드립니다|해요)|원해요',
    between: '좀|직접|실제|와|과|하고|지금',
    polite: '연결|부탁|좀|지금|네|안녕하세요|연결해줘|연결해주세요|부탁드려요|부탁합니다',
    not: '말고|없이|아니|싫어요|필요없어요|필요 없어요|않아요|안',
  },
  {
    // Hindi
    who: 'इंसान|असली इंसान|व्यक्ति|असली व्यक्ति|एजेंट|प्रतिनिधि|ऑपरेटर|किसी|मनुष्य|कर्मचारी|ग्राहक सेवा|आदमी',
    after:
      'से बात (?:करनी है|करना है|करना चाहता हूं|करना चाहती हूं|करना चाहता हूँ|करना चाहती हूँ|कराइए|कराओ|करवाइए|करवाओ|कर सकता हूं|कर सकती हूं|करा दो|करा दीजिए|करवा दीजिए)|से (?:जोड़|जोड|जोड़ें|जोड़िए|मिलाइए|मिलाओ|चैट करनी है|संपर्क करना है)|चाहिए|को बुलाओ|को बुलाइए|से कनेक्ट',
    between: 'असली|मुझे|कृपया|एक|मेरी',
    polite: 'कृपया|एक|अभी|हां|हाँ|नमस्ते|असली|प्लीज',
    not: 'नहीं|मत|बिना|बजाय|नही',
  },
  {
    // Indonesian
    who: 'manusia|orang(?: asli| sungguhan)?|agen|operator|petugas|perwakilan|staf|seseorang|cs|customer service|layanan pelanggan|admin',
    before:
      'bicara dengan|berbicara dengan|ngobrol dengan|chat dengan|hubungkan (?:saya )?(?:dengan|ke)|sambungkan (?:saya )?(?:dengan|ke)|saya (?:mau|ingin|butuh|perlu)|minta|bicara sama|alihkan (?:saya )?ke|mau',
    between: 'dengan|seorang|ke|sama|asli|tolong|anda|yang',
    polite: 'tolong|sekarang|ya|halo|asli|minta|terima kasih|dong',
    not: 'tidak|bukan|tanpa|jangan|nggak|gak|tak',
  },
  {
    // Vietnamese
    who: 'nguoi(?: that)?|con nguoi|nhan vien(?: ho tro| tu van)?|tong dai vien|tu van vien|dai dien|ai do|nguoi ho tro',
    before:
      'noi chuyen (?:voi|truc tiep voi)|tro chuyen voi|gap|ket noi (?:toi )?(?:voi|den)|chuyen (?:toi )?(?:sang|den|cho)|toi (?:muon|can)|chat voi|lien he voi',
    between: 'voi|mot|cac|ban|that|gap|truc tiep',
    polite: 'lam on|vui long|bay gio|vang|xin chao|that|gap|xin',
    not: 'khong|dung|chua|chang',
    but: 'khac noi',
  },
];

/** Scripts without spaces: looked for anywhere in the text, spaces left out. */
export const UNSPACED_WISHES: readonly RegExp[] = [
  // Japanese
  /(?:人間|人|オペレーター|オペレータ|担当者|担当の方|係の人|係の方|スタッフ|有人|サポート担当|エージェント|店員)(?:さん)?(?:と|に|へ|を|の方と|の人と)?(?:直接|ちょくせつ)?(?:話したい|話がしたい|話せますか|話せませんか|話させて|会話したい|話をしたい|チャットしたい|相談したい|つないで|つなげて|繋いで|繋げて|代わって|かわって|替わって|変わって|切り替えて|呼んで|出して|お願い|おねがい|対応をお願い|対応お願い|対応希望|に代わ)/u,
  /^(?:人間|オペレーター|有人対応|有人チャット|担当者|スタッフ)(?:希望|を希望します|で)?[。！!]*$/u,
  // Chinese, simplified and traditional
  /(?<!不|不想|不要|不用|不需要|无需|無需|别|別)(?:转|轉|找|要|接|换|換|叫|联系|聯繫|联络|聯絡|需要|请求|請求)(?:接|到|一个|一個|个|個|一下|一位|给|給)?(?:人工|真人|客服人员|客服人員|客服|活人|工作人员|工作人員|专员|專員)(?!智能)/u,
  /(?<!不|不想|不要|不用|不需要)(?:和|跟|与|與|同)(?:一个|一個|你们的|你們的)?(?:真人|人工|客服|人类|人類|活人|工作人员|工作人員)(?:客服|人员|人員)?(?:说话|說話|聊|对话|對話|交谈|交談|沟通|溝通|谈|談|讲|講|通话|通話)/u,
  /^(?:人工|真人|人工客服|真人客服|人工服务|人工服務|转人工|轉人工)[。！!]*$/u,
];
