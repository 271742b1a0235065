@echo off
rem Starts Shoestring from a checkout on Windows: builds it when the jar is missing, then runs it.
rem After a change of the sources, build with "mvn -pl core -am package".
setlocal
set "root=%~dp0"
set "module=core"
set "target=%root%%module%\target"
set "java=java"
if defined JAVA_HOME set "java=%JAVA_HOME%\bin\java"
"%java%" -version >nul 2>&1
if errorlevel 1 (
  echo shoestring: no Java found: install a JDK 17 or newer, https://adoptium.net 1>&2
  exit /b 2
)
if not exist "%target%\classpath" (
  where mvn >nul 2>&1
  if errorlevel 1 (
    echo shoestring: no Maven found: install Maven 3.8 or newer, https://maven.apache.org 1>&2
    exit /b 2
  )
  echo shoestring: building, see %target%\build.log 1>&2
  if not exist "%target%" mkdir "%target%"
  call mvn -B -f "%root%pom.xml" -pl "%module%" -am -Dmaven.test.skip -Dspotless.check.skip -Dmaven.javadoc.skip package >"%target%\build.log" 2>&1
  if errorlevel 1 (
    echo shoestring: the build failed, see %target%\build.log 1>&2
    exit /b 1
  )
)
rem The class path is longer than a command line may be: it goes into an argument file, with forward slashes as those need.
if not exist "%target%\java.args" (
  powershell -NoProfile -Command "$t='%target%'; '-cp \"' + (($t + '\classes;' + (Get-Content ($t + '\classpath'))) -replace '\\','/') + '\"' | Set-Content -Encoding ascii ($t + '\java.args')"
)
"%java%" -Dorg.bytedeco.javacpp.nopointergc=true -XX:+UseSerialGC -Djava.awt.headless=true %SHOESTRING_JAVA_OPTS% "@%target%\java.args" dev.shoestring.cli.Main %*
exit /b %ERRORLEVEL%
