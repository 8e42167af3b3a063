
'use strict';
{
  const globals = this;
  const django = globals.django || (globals.django = {});

  
  django.pluralidx = function(n) {
    const v = (n != 1);
    if (typeof v === 'boolean') {
      return v ? 1 : 0;
    } else {
      return v;
    }
  };
  

  /* gettext library */

  django.catalog = django.catalog || {};
  
  const newcatalog = {
    "%(count)s hour": [
      "%(count)s Stunde",
      "%(count)s Stunden"
    ],
    "%(count)s minute": [
      "%(count)s Minute",
      "%(count)s Minuten"
    ],
    "%(count)s name. Enter takes it over.": [
      "%(count)s Name. Die Eingabetaste \u00fcbernimmt ihn.",
      "%(count)s Namen. Die Pfeiltasten w\u00e4hlen, die Eingabetaste \u00fcbernimmt einen."
    ],
    "%(count)s not saved": "%(count)s nicht gespeichert",
    "%(count)s passage": [
      "%(count)s Abschnitt",
      "%(count)s Abschnitten"
    ],
    "%(count)s place": [
      "%(count)s Stelle",
      "%(count)s Stellen"
    ],
    "%(count)s second": [
      "%(count)s Sekunde",
      "%(count)s Sekunden"
    ],
    "%(count)s\u00a0byte": [
      "%(count)s\u00a0Byte",
      "%(count)s\u00a0Bytes"
    ],
    "%(name)s was joined with %(other)s. Undo takes it back.": "%(name)s wurde mit %(other)s vereint. R\u00fcckg\u00e4ngig nimmt es zur\u00fcck.",
    "%(name)s was removed. Undo takes it back.": "%(name)s wurde entfernt. R\u00fcckg\u00e4ngig nimmt es zur\u00fcck.",
    "%(places)s in %(passages)s": "%(places)s in %(passages)s",
    "%(places)s in %(passages)s, to be taken out": "%(places)s in %(passages)s, wird herausgenommen",
    "%(problem)s \u2013 %(count)s unsaved": "%(problem)s \u2013 %(count)s nicht gespeichert",
    "%(rest)s could not be sent and is in this page only. Download it before you close the page.": "%(rest)s konnten nicht gesendet werden und sind nur auf dieser Seite. Laden Sie sie herunter, bevor Sie die Seite schlie\u00dfen.",
    "%(rest)s is still in this browser.": "%(rest)s sind noch in diesem Browser.",
    "%(seconds)s s behind": "%(seconds)s s hinterher",
    "%(sent)s of %(size)s": "%(sent)s von %(size)s",
    "%(time)s kept in this browser": "%(time)s in diesem Browser",
    "%(time)s of %(duration)s": "%(time)s von %(duration)s",
    "%(time)s waiting": "%(time)s warten",
    "%(title)s (rest).wav": "%(title)s (Rest).wav",
    "%(why)s Your text is kept in this browser until you let it go.": "%(why)s Ihr Text bleibt in diesem Browser, bis Sie ihn aufgeben.",
    "0 seconds": "0 Sekunden",
    "Another tab or device has taken it over.": "Ein anderer Tab oder ein anderes Ger\u00e4t hat sie \u00fcbernommen.",
    "Another version of this text is shown now. You go on in version %(version)s until you have finished writing.": "Inzwischen wird eine andere Fassung dieses Textes gezeigt. Sie bleiben in Fassung %(version)s, bis Sie mit dem Schreiben fertig sind.",
    "Browsers let pages hear only over HTTPS, or on the machine itself. Ask whoever runs this server for its HTTPS address.": "Browser erlauben das Mikrofon nur \u00fcber HTTPS oder auf dem Rechner selbst. Fragen Sie nach der HTTPS-Adresse dieses Servers.",
    "Closed": "Geschlossen",
    "Connected again.": "Wieder verbunden.",
    "Connecting\u2026": "Verbindung wird aufgebaut \u2026",
    "Connection lost. Goes on by itself.": "Verbindung verloren. Geht von selbst weiter.",
    "Copied": "Kopiert",
    "Copy my text": "Meinen Text kopieren",
    "Copy the text": "Text kopieren",
    "Delete the passage": "Stelle l\u00f6schen",
    "Detect the language": "Sprache erkennen",
    "Done": "Fertig",
    "Doubtful: %(word)s, at %(time)s": "Zweifelhaft: %(word)s, bei %(time)s",
    "Ended": "Beendet",
    "Everything that %(name)s says was said by": "Alles, was %(name)s sagt, stammt von",
    "Finishing\u2026": "Wird beendet \u2026",
    "Folders cannot be uploaded: please drop the files in them.": "Ordner lassen sich nicht hochladen: Bitte ziehen Sie die Dateien daraus hierher.",
    "Go on": "Weiter",
    "If %(name)s is removed, what %(name)s says has no speaker any more.": "Wird %(name)s entfernt, hat das, was %(name)s sagt, keinen Sprecher mehr.",
    "It is in the trash, or it was deleted for good.": "Sie liegt im Papierkorb oder wurde endg\u00fcltig gel\u00f6scht.",
    "It was ended from elsewhere, or closed because no sound came for a long time.": "Sie wurde von anderswo beendet oder geschlossen, weil lange kein Ton kam.",
    "Join %(name)s with another speaker, or remove": "%(name)s mit jemand anderem vereinen oder entfernen",
    "Join speakers": "Sprecher vereinen",
    "Join\u2026": "Vereinen \u2026",
    "Keep mine": "Meinen behalten",
    "Leave it as it was": "Lassen, wie es war",
    "Let it go": "Aufgeben",
    "Link withdrawn": "Link zur\u00fcckgezogen",
    "Listening. Your words appear here as soon as you speak.": "Bereit. Ihre Worte erscheinen hier, sobald Sie sprechen.",
    "Live": "Live",
    "Microphone %(number)s": "Mikrofon %(number)s",
    "Microphone lost": "Mikrofon verloren",
    "Model %(name)s": "Modell %(name)s",
    "Name of %(name)s": "Name von %(name)s",
    "No connection. Keep this page open: the rest is sent when it is back": "Keine Verbindung. Lassen Sie diese Seite offen: Der Rest wird gesendet, sobald sie wieder da ist",
    "No further doubtful word.": "Kein weiteres zweifelhaftes Wort.",
    "No microphone was found. Plug one in, then try again.": "Es wurde kein Mikrofon gefunden. Stecken Sie eines ein und versuchen Sie es noch einmal.",
    "No sound comes from the microphone. Press Pause, then Go on, or plug it in again.": "Vom Mikrofon kommt kein Ton. Dr\u00fccken Sie Pause, dann Weiter, oder stecken Sie es neu ein.",
    "No sound comes from the shared tab.": "Vom geteilten Tab kommt kein Ton.",
    "No tab was chosen. Press Record again and choose the tab that you want to hear.": "Es wurde kein Tab gew\u00e4hlt. Dr\u00fccken Sie noch einmal Aufnehmen und w\u00e4hlen Sie den Tab.",
    "Not uploaded": "Nicht hochgeladen",
    "Nothing can be heard. Is it the right microphone, and switched on?": "Nichts zu h\u00f6ren. Ist es das richtige Mikrofon, und ist es eingeschaltet?",
    "Nothing found.": "Nichts gefunden.",
    "Nothing is heard just now.": "Gerade ist nichts zu h\u00f6ren.",
    "Offline": "Offline",
    "Pause": "Pause",
    "Paused": "Pausiert",
    "Paused at %(percent)s %%": "Angehalten bei %(percent)s %%",
    "Paused. Nothing is recorded until you go on.": "Angehalten. Es wird nichts aufgenommen, bis Sie fortfahren.",
    "Play": "Abspielen",
    "Please sign in again.": "Bitte melden Sie sich wieder an.",
    "Read on at %(time)s": "Weiterlesen bei %(time)s",
    "Reconnecting in %(seconds)s s\u2026": "Neue Verbindung in %(seconds)s s \u2026",
    "Reconnecting. Still recording here": "Verbindung wird wiederhergestellt. Hier wird weiter aufgenommen",
    "Reconnecting. What you said is kept here": "Verbindung wird wiederhergestellt. Was Sie gesagt haben, bleibt hier",
    "Recording": "Aufnahme",
    "Remove %(name)s": "%(name)s entfernen",
    "Remove the speaker": "Sprecher entfernen",
    "Remove\u2026": "Entfernen \u2026",
    "Replace in the passage at %(time)s": "In der Stelle bei %(time)s ersetzen",
    "Replaced in %(count)s place. Undo takes it back.": [
      "An %(count)s Stelle ersetzt. R\u00fcckg\u00e4ngig nimmt es zur\u00fcck.",
      "An %(count)s Stellen ersetzt. R\u00fcckg\u00e4ngig nimmt es zur\u00fcck."
    ],
    "Save it": "Speichern",
    "Saved %(time)s": "Gespeichert %(time)s",
    "Saved to server %(time)s": "Auf dem Server gesichert: %(time)s",
    "Saving\u2026": "Wird gespeichert \u2026",
    "Say something\u2026": "Sagen Sie etwas \u2026",
    "Sending the rest": "Der Rest wird gesendet",
    "Sharing ended": "Teilen beendet",
    "Sign in again in another tab, then come back here and try again.": "Melden Sie sich in einem anderen Tab wieder an, kommen Sie hierher zur\u00fcck und versuchen Sie es noch einmal.",
    "Signed out. Sign in again in another tab": "Abgemeldet. Melden Sie sich in einem anderen Tab wieder an",
    "Somebody else has changed this passage in the meantime. Yours is above, theirs is here:": "Jemand anderes hat diese Stelle inzwischen ge\u00e4ndert. Ihr Text steht oben, der andere hier:",
    "Somebody else has changed this passage in the meantime. Yours is in the field above, theirs is here:": "Jemand anderes hat diese Stelle inzwischen ge\u00e4ndert. Ihr Text steht oben im Feld, der andere hier:",
    "Somebody else has deleted this passage.": "Jemand anders hat diese Stelle gel\u00f6scht.",
    "Somebody else has joined this passage with the one above.": "Jemand anders hat diese Stelle mit der dar\u00fcber verbunden.",
    "Somebody has typed this in this browser, and it was not saved. Save it as your correction if it is yours.": "Das wurde in diesem Browser getippt und nicht gespeichert. Wenn es von Ihnen ist, speichern Sie es als Ihre Korrektur.",
    "Sound is heard again.": "Der Ton ist wieder da.",
    "Spoken from %(start)s to %(end)s now. Undo takes it back.": "Jetzt von %(start)s bis %(end)s gesprochen. R\u00fcckg\u00e4ngig nimmt es zur\u00fcck.",
    "Take theirs": "Den anderen nehmen",
    "Text of the passage at %(time)s": "Text der Stelle bei %(time)s",
    "That did not work. Your text is still here; please try again.": "Das hat nicht geklappt. Ihr Text ist noch da; bitte versuchen Sie es noch einmal.",
    "The browser could not prepare the sound. Look at your connection, then try again.": "Der Browser konnte den Ton nicht vorbereiten. Pr\u00fcfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    "The browser does not let this page copy. Select the text, and copy it yourself.": "Der Browser l\u00e4sst diese Seite nicht kopieren. Bitte den Text ausw\u00e4hlen und selbst kopieren.",
    "The chosen microphone is no longer there. Choose another.": "Das gew\u00e4hlte Mikrofon ist nicht mehr da. W\u00e4hlen Sie ein anderes.",
    "The microphone could not be opened (%(name)s).": "Das Mikrofon lie\u00df sich nicht \u00f6ffnen (%(name)s).",
    "The microphone is gone. What you said is safe. Plug it in again or choose another, then go on.": "Das Mikrofon ist weg. Was Sie gesagt haben, ist sicher. Stecken Sie es wieder ein oder w\u00e4hlen Sie ein anderes, dann geht es weiter.",
    "The microphone is muted by its switch or by the system.": "Das Mikrofon ist am Schalter oder vom System stumm geschaltet.",
    "The microphone is muted by its switch or by the system. Nothing is recorded until it is on.": "Das Mikrofon ist am Schalter oder vom System stumm geschaltet. Bis es an ist, wird nichts aufgenommen.",
    "The microphone is not allowed. In the menu Safari, Settings for This Website, set Microphone to Allow.": "Das Mikrofon ist nicht erlaubt. Stellen Sie im Men\u00fc Safari unter Einstellungen f\u00fcr diese Website das Mikrofon auf Erlauben.",
    "The microphone is not allowed. Press the crossed-out microphone beside the address, remove the block, and try again.": "Das Mikrofon ist nicht erlaubt. Klicken Sie auf das durchgestrichene Mikrofon neben der Adresse, entfernen Sie die Sperre und versuchen Sie es noch einmal.",
    "The microphone is not allowed. Press the symbol at the left of the address, switch Microphone on, and try again.": "Das Mikrofon ist nicht erlaubt. Klicken Sie auf das Symbol links neben der Adresse, schalten Sie das Mikrofon ein und versuchen Sie es noch einmal.",
    "The microphone is not allowed. Press \u201cAA\u201d in the address bar, then Website Settings, Microphone, Allow.": "Das Mikrofon ist nicht erlaubt. Tippen Sie in der Adressleiste auf \u201eAA\u201c, dann Website-Einstellungen, Mikrofon, Erlauben.",
    "The microphone is used by another program. Close that program, then try again.": "Ein anderes Programm verwendet das Mikrofon. Schlie\u00dfen Sie es und versuchen Sie es noch einmal.",
    "The microphone was unplugged.": "Das Mikrofon wurde abgezogen.",
    "The passage was deleted. Undo brings it back.": "Die Stelle wurde gel\u00f6scht. R\u00fcckg\u00e4ngig holt sie zur\u00fcck.",
    "The server cannot be reached. Look at your connection, then try again.": "Der Server ist nicht erreichbar. Pr\u00fcfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    "The server cannot go on with this recording": "Der Server kann diese Aufnahme nicht fortsetzen",
    "The server closed the connection.": "Der Server hat die Verbindung geschlossen.",
    "The server could not do that (%(status)s).": "Der Server konnte das nicht (%(status)s).",
    "The server did not accept this file.": "Der Server hat diese Datei nicht angenommen.",
    "The server does not answer yet. It is tried again.": "Der Server antwortet noch nicht. Es wird weiter versucht.",
    "The server\u2019s disk is full": "Die Festplatte des Servers ist voll",
    "The shared tab gives no sound just now.": "Der geteilte Tab gibt gerade keinen Ton.",
    "The speaker has closed it. Ask whoever sent it to you for a new one.": "Er wurde geschlossen. Bitten Sie um einen neuen.",
    "The system has stopped the microphone. Press Pause, then Go on.": "Das System hat das Mikrofon angehalten. Dr\u00fccken Sie Pause, dann Weiter.",
    "The system has stopped the sound. Press Pause, then Go on.": "Das System hat den Ton angehalten. Dr\u00fccken Sie Pause, dann Weiter.",
    "The tab is no longer shared. What was heard is safe. Share it again or use a microphone, then go on.": "Der Tab wird nicht mehr geteilt. Was zu h\u00f6ren war, ist sicher. Teilen Sie ihn wieder oder nehmen Sie ein Mikrofon, dann geht es weiter.",
    "The tab was shared without its sound. Press Record again and switch on \u201cAlso share tab audio\u201d.": "Der Tab wurde ohne Ton geteilt. Dr\u00fccken Sie noch einmal Aufnehmen und schalten Sie \u201eAuch Tab-Audio teilen\u201c ein.",
    "The text could not be fetched. Please check the connection and try again.": "Der Text konnte nicht geladen werden. Bitte die Verbindung pr\u00fcfen und noch einmal versuchen.",
    "There is a speaker named %(name)s already. Join the two if they are one person.": "Es gibt schon jemanden mit dem Namen %(name)s. Vereinen Sie die beiden, wenn sie dieselbe Person sind.",
    "There is no connection. Your text is still here; please try again.": "Es gibt keine Verbindung. Ihr Text ist noch da; bitte versuchen Sie es noch einmal.",
    "This browser cannot hand over the sound of a tab. Chrome and Edge on a computer can.": "Dieser Browser kann den Ton eines Tabs nicht weitergeben. Chrome und Edge am Computer k\u00f6nnen es.",
    "This browser cannot play this kind of file. The transcript is not affected; download the recording to listen to it.": "Dieser Browser kann diese Art von Datei nicht abspielen. Das Transkript ist davon nicht betroffen; laden Sie die Aufnahme zum Anh\u00f6ren herunter.",
    "This can be done once the connection is back and your text is saved.": "Das geht, sobald die Verbindung wieder da und Ihr Text gespeichert ist.",
    "This file has %(size)s; this server takes up to %(most)s.": "Diese Datei hat %(size)s; dieser Server nimmt bis zu %(most)s.",
    "This link was withdrawn": "Dieser Link wurde zur\u00fcckgezogen",
    "This recording goes on in another place": "Diese Aufnahme l\u00e4uft an anderer Stelle weiter",
    "This recording has ended": "Diese Aufnahme ist beendet",
    "This recording is as long as it may be": "Diese Aufnahme hat ihre gr\u00f6\u00dfte L\u00e4nge erreicht",
    "This recording was deleted": "Diese Aufnahme wurde gel\u00f6scht",
    "This recording was interrupted": "Diese Aufnahme wurde unterbrochen",
    "This text has been deleted, or is not shared with you any more.": "Dieser Text wurde gel\u00f6scht oder ist nicht mehr f\u00fcr Sie freigegeben.",
    "Today, %(time)s": "Heute, %(time)s",
    "Uploading %(percent)s %%": "Wird hochgeladen, %(percent)s %%",
    "Versions": "Fassungen",
    "Waiting at %(percent)s %%": "Wartet bei %(percent)s %%",
    "Waiting for the connection. Your words appear here when it is back.": "Warten auf die Verbindung. Ihre Worte erscheinen hier, sobald sie wieder da ist.",
    "Waiting to upload": "Wartet auf das Hochladen",
    "Write a time as 1:02.5, or in seconds.": "Schreiben Sie eine Zeit als 1:02,5 oder in Sekunden.",
    "You are offline. It goes on when you are back.": "Sie sind offline. Es geht weiter, sobald Sie wieder verbunden sind.",
    "You are signed out": "Sie sind abgemeldet",
    "You are signed out. Copy your text, and sign in in another tab.": "Sie sind abgemeldet. Kopieren Sie Ihren Text, und melden Sie sich in einem anderen Tab an.",
    "You are signed out. Sign in in another tab, then press Resume.": "Sie sind abgemeldet. Melden Sie sich in einem anderen Tab an und dr\u00fccken Sie dann Fortsetzen.",
    "You cannot follow this any more": "Sie k\u00f6nnen hier nicht mehr mitlesen",
    "You may not speak here": "Sie d\u00fcrfen hier nicht sprechen",
    "You typed this in version %(version)s of this text, and it could not be saved.": "Das haben Sie in Fassung %(version)s dieses Textes getippt; es lie\u00df sich nicht speichern.",
    "Your audio is safe: %(rest)s that you said here is not in it and stays in this browser.": "Ihr Ton ist sicher: %(rest)s, die Sie hier gesprochen haben, sind nicht darin und bleiben in diesem Browser.",
    "Your audio is safe: %(saved)s on the server, %(rest)s in this browser.": "Ihr Ton ist sicher: %(saved)s auf dem Server, %(rest)s in diesem Browser.",
    "Your audio is safe: %(saved)s on the server.": "Ihr Ton ist sicher: %(saved)s auf dem Server.",
    "Your library is full": "Ihre Bibliothek ist voll",
    "Your microphone works.": "Ihr Mikrofon funktioniert.",
    "recording": "Aufnahme",
    "with names and terms": "mit Namen und Begriffen",
    "\u201c%(name)s\u201d is being uploaded already.": "\u201e%(name)s\u201c wird schon hochgeladen.",
    "\u201c%(title)s\u201d could not be transcribed.": "\u201e%(title)s\u201c konnte nicht transkribiert werden.",
    "\u201c%(title)s\u201d is in the trash.": "\u201e%(title)s\u201c liegt im Papierkorb.",
    "\u201c%(title)s\u201d is ready to read.": "\u201e%(title)s\u201c ist fertig zum Lesen.",
    "\u201c%(title)s\u201d is ready, with a warning.": "\u201e%(title)s\u201c ist fertig, mit einem Hinweis."
  };
  for (const key in newcatalog) {
    django.catalog[key] = newcatalog[key];
  }
  

  if (!django.jsi18n_initialized) {
    django.gettext = function(msgid) {
      const value = django.catalog[msgid];
      if (typeof value === 'undefined') {
        return msgid;
      } else {
        return (typeof value === 'string') ? value : value[0];
      }
    };

    django.ngettext = function(singular, plural, count) {
      const value = django.catalog[singular];
      if (typeof value === 'undefined') {
        return (count == 1) ? singular : plural;
      } else {
        return value.constructor === Array ? value[django.pluralidx(count)] : value;
      }
    };

    django.gettext_noop = function(msgid) { return msgid; };

    django.pgettext = function(context, msgid) {
      let value = django.gettext(context + '\x04' + msgid);
      if (value.includes('\x04')) {
        value = msgid;
      }
      return value;
    };

    django.npgettext = function(context, singular, plural, count) {
      let value = django.ngettext(context + '\x04' + singular, context + '\x04' + plural, count);
      if (value.includes('\x04')) {
        value = django.ngettext(singular, plural, count);
      }
      return value;
    };

    django.interpolate = function(fmt, obj, named) {
      if (named) {
        return fmt.replace(/%\(\w+\)s/g, function(match){return String(obj[match.slice(2,-2)])});
      } else {
        return fmt.replace(/%s/g, function(match){return String(obj.shift())});
      }
    };


    /* formatting library */

    django.formats = {
    "DATETIME_FORMAT": "j. F Y, H:i",
    "DATETIME_INPUT_FORMATS": [
      "%d.%m.%Y %H:%M:%S",
      "%d.%m.%Y %H:%M:%S.%f",
      "%d.%m.%Y %H:%M",
      "%Y-%m-%d %H:%M:%S",
      "%Y-%m-%d %H:%M:%S.%f",
      "%Y-%m-%d %H:%M",
      "%Y-%m-%d"
    ],
    "DATE_FORMAT": "j. F Y",
    "DATE_INPUT_FORMATS": [
      "%d.%m.%Y",
      "%d.%m.%y",
      "%Y-%m-%d"
    ],
    "DECIMAL_SEPARATOR": ",",
    "FIRST_DAY_OF_WEEK": 1,
    "MONTH_DAY_FORMAT": "j. F",
    "NUMBER_GROUPING": 3,
    "SHORT_DATETIME_FORMAT": "d.m.Y, H:i",
    "SHORT_DATE_FORMAT": "d.m.Y",
    "THOUSAND_SEPARATOR": ".",
    "TIME_FORMAT": "H:i",
    "TIME_INPUT_FORMATS": [
      "%H:%M:%S",
      "%H:%M:%S.%f",
      "%H:%M"
    ],
    "YEAR_MONTH_FORMAT": "F Y"
  };

    django.get_format = function(format_type) {
      const value = django.formats[format_type];
      if (typeof value === 'undefined') {
        return format_type;
      } else {
        return value;
      }
    };

    /* add to global namespace */
    globals.pluralidx = django.pluralidx;
    globals.gettext = django.gettext;
    globals.ngettext = django.ngettext;
    globals.gettext_noop = django.gettext_noop;
    globals.pgettext = django.pgettext;
    globals.npgettext = django.npgettext;
    globals.interpolate = django.interpolate;
    globals.get_format = django.get_format;

    django.jsi18n_initialized = true;
  }
};

