# Chat pairs: documentation comments with their functions, and the hand-written ones of chat_seed.py
import ast,re,textwrap
from chat_seed import seed_chats
EOT,IMS,IME=8176,8177,8178
def chat(msgs,enc):
    o=[]
    for r,c in msgs: o+=[IMS]+enc(r+'\n'+c)+[IME]+enc('\n')
    return o+[EOT]
SYS=['You are a helpful coding assistant.','You are a coding assistant.','You are an expert programmer.','You are a helpful assistant.','You are a coding assistant inside an editor. Answer briefly.']
def docs_py(t):
    try: tree=ast.parse(t)
    except Exception: return []
    L=t.split('\n'); res=[]
    for n in ast.walk(tree):
        if isinstance(n,ast.FunctionDef):
            ds=ast.get_docstring(n)
            if not ds: continue
            ds=' '.join(ds.strip().split('\n\n')[0].split())
            if not 20<len(ds)<200 or '>>>' in ds or ':param' in ds: continue
            b=n.body[1:]
            if not b: continue
            src='\n'.join(L[n.lineno-1:n.body[0].lineno-1]+L[b[0].lineno-1:n.end_lineno])
            if 60<len(src)<1200: res.append(('python','Python',n.name,ds,textwrap.dedent(src)))
    return res
JS=re.compile(r'/\*\*((?:(?!\*/)[\s\S]){20,500})\*/\n([ \t]*)((?:export )?(?:default )?(?:async )?function\*? (\w+)\b[^\n]*\{\n(?:(?!\2\}\n)[^\n]*\n){1,24}?\2\})')
def docs_js(t,l):
    res=[]
    for m in JS.finditer(t):
        ds=re.sub(r'^\s*\*\s?','',m.group(1),flags=re.M).strip()
        ds=' '.join(re.split(r'\n\s*\n|\n\s*@|^@',ds)[0].split())
        if not 20<len(ds)<200 or '{@' in ds: continue
        src=textwrap.dedent(m.group(2)+m.group(3))
        if len(src)<1200: res.append((('typescript','TypeScript') if l=='ts' else ('javascript','JavaScript'))+(m.group(4),ds,src))
    return res
WRITE=['Write a {L} function `{n}`: {d}','Write a {L} function named {n}. {d}','In {L}, implement `{n}`. {d}','Write {n} in {L}. {d}','{L}: {d}']
EXPL=['Explain this code:\n```{f}\n{s}\n```','What does this function do?\n```{f}\n{s}\n```','Explain `{n}`:\n```{f}\n{s}\n```','```{f}\n{s}\n```\nWhat does this do?']
DOC=['Write a doc comment for this function:\n```{f}\n{s}\n```']
def chats(t,l,R,enc):
    x=docs_py(t) if l=='py' else docs_js(t,l); res=[]
    for f,L,n,d,s in R.sample(x,min(2,len(x))):
        r=R.random(); z=dict(f=f,L=L,n=n,d=d,s=s); pre=[('system',R.choice(SYS))] if R.random()<.35 else []
        if r<.5: q,a=R.choice(WRITE).format(**z),'```%s\n%s\n```'%(f,s)
        elif r<.9: q,a=R.choice(EXPL).format(**z),d
        else: q,a=R.choice(DOC).format(**z),d
        res.append(chat(pre+[('user',q),('assistant',a)],enc))
    return res
def seed(R,k,enc): return [chat(m,enc) for m in seed_chats(R,k)]
