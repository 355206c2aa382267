// Words that say nothing about what a question is about, in the languages most visitors write in; spelled as they are written there.

// Kept short: a word that is missing here costs a little rank, one too many could hide what was asked for.
const BY_LANGUAGE = {
  english:
    'a about all am an and any are as at be been but by can could did do does for from get got had has have he hello her here hey hi him his how i if in into is it its just know let like ll may me might my need no not now of off ok on or our out please re s say she should so some t tell than thank thanks that the their them then there these they this those to too ve very want was we were what when where which who why will with would yes you your',
  german:
    'aber alle als also am an auch auf aus bei beim bin bis bist bitte da danke dann das dass dem den denn der des die dies diese diesem diesen dieser dieses doch du ein eine einem einen einer eines er es etwas euch euer eure fur gibt guten habe haben habt hallo hat hatte hatten ich ihm ihn ihnen ihr ihre ihrem ihren im in ist ja jetzt kann kannst konnen konnte konnten man mein meine meinem meinen meiner mich mir mit mochte muss nach nein nicht noch nun nur ob oder sehr sein seine sich sie sind so soll tag uber um und uns unser unsere von vom vor wann war warum was weil welche welcher welches wenn wer werde werden wie will wir wird wo wurde zu zum zur',
  french:
    'ai alors au aussi avec avez avoir avons bonjour bonsoir ca ce cela ces cet cette comment dans de des donc du elle elles en est et etes etre eu fait il ils j je l la le les leur leurs lui ma mais me merci mes moi mon ne nos notre nous on ont ou par pas peut peux plus pour pourquoi pouvez puis qu quand que quel quelle quelles quels qui quoi sa salut se ses si sont sur svp te tes toi ton tu un une veux vos votre voudrais vous y',
  spanish:
    'al algo aqui buenas buenos como con cual cuales cuando de del dias donde e el ella ellas ellos en entre era eres es esa ese eso esta estan estas este esto estoy favor fue gracias ha hay hola la las le les lo los mas me mi mis muy nada ni no nos nosotros o os para pero podria por porque puede puedo que quien quiero se ser si sin sobre son soy su sus tambien te tengo ti tiene tienen tu tus un una unos usted ustedes vosotros y ya yo',
  italian:
    'ad agli ai al alla alle anche avere buongiorno c che chi ci ciao come con cosa cui da dal dalla dei del della delle di dove e ed ero essere fa gli grazie ha hai hanno ho il io l la le lei lo loro lui ma mi mia miei mio ne nei nel nella no noi non o per perche piu posso potrei puo qual quale quali quando quanto quello questa questo qui se sei senza si sia siamo sono su sua sul sulla suo ti tu tua tuo un una uno vi voi vorrei',
  dutch:
    'aan al als bedankt ben bent bij dag dan dank dat de deze die dit doe doet door een en er gaat geen goedendag haar had hallo heb hebben hebt heeft hem het hij hoe ik in is ja je jij jouw jullie kan kunnen kunt maar me mee met mij mijn moet naar nee niet nog nu of om onze ons ook op over te tot u uit uw van veel voor waar waarom wanneer wat we wel welk welke werd wie wij wil wilt worden wordt zal ze zich zij zijn zo',
  polish:
    'aby albo ale bardzo bez bo by byc byl byla bylo co czy dla do dzien dobry gdy gdzie go i ich ile im ja jak jaka jaki jakie jako je jego jej jest jestem juz kiedy kto ktora ktore ktory lub ma mam mi mnie moge moj moja moje mozna moze na nad nam nas nasz nie niz o od on ona oni ono oraz pan pani po pod prosze przez przy sa sie sobie ta tak taki tam te tego tej ten to tu twoj ty tylko u w was we wy z za ze',
  portuguese:
    'a ao aos as bom boa com como da das de dia do dos e ela elas ele eles em entre era essa esse esta estao estar este estou eu foi gostaria ha isso isto ja la lhe mais mas me meu meus minha minhas muito na nao nas no nos nossa nosso num numa o obrigado obrigada ola onde os ou para pela pelo por porque posso pode qual quais quando quanto que quem quero sao se sem ser seu sua sobre sou tambem te tem tenho tu um uma uns voce voces',
  ukrainian:
    'а або але без би був була були було в вам вас ваш ваша ваші вже ви від він вона вони воно все всі де день для до доброго добрий дякую є же за з зі й і із їх її його коли ко кого кому куди мене мені ми мій моя моє мої може можна можу на над нам нас наш не ні ну о про при по під привіт прошу та так там те теж ти тобі то той тому тут у це цей ця чи чого чому що щоб як яка яке які який я',
  russian:
    'а без бы был была были было в вам вас ваш ваша ваши вы где да для до добрый если есть еще её ещё его же за здравствуйте и из или их к как какая какие какой когда кто ли меня мне могу можно мой моя моё мои мы на нам нас не нет но ну о об он она они от по под пожалуйста почему при привет с со спасибо так там то тоже только ты у уже хочу чем что чтобы это этот эта я',
  turkish:
    'acaba ama bana ben beni benim bir biz bize bizim bu bunu cok da daha de degil diye en gibi gun hangi hem icin ile ise istiyorum iyi kac kadar ki kim lutfen merhaba mi mu mı mü nasıl nasil ne neden nerede nereye niye o olan olarak olur on onu or sen seni senin siz size sizin sonra su tesekkurler ve veya var ya yok',
};

export const STOP_WORDS: readonly string[] = Object.values(BY_LANGUAGE).flatMap((words) => words.split(' '));
